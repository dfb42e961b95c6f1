import { accountSetup } from './account-setup.ts';
import { app } from './app.ts';
import { backup } from './backup.ts';
import { collecting } from './collecting.ts';
import { composing } from './composing.ts';
import { delivery } from './delivery.ts';
import { errors } from './errors.ts';
import { folders } from './folders.ts';
import { importing } from './importing.ts';
import { invitation } from './invitation.ts';
import { messages } from './messages.ts';
import { networks } from './networks.ts';
import { outbox } from './outbox.ts';
import { outgoingServers } from './outgoing-servers.ts';
import { quarantine } from './quarantine.ts';
import { reading } from './reading.ts';
import { rules } from './rules.ts';
import { search } from './search.ts';
import { settings } from './settings.ts';
import { status } from './status.ts';
import { ui } from './ui.ts';

/** English, and the shape every other language has to fill. */
export const en = {
  texts: {
    ui,
    app,
    folders,
    messages,
    reading,
    invitation,
    quarantine,
    search,
    status,
    collecting,
    composing,
    'account-setup': accountSetup,
    'outgoing-servers': outgoingServers,
    outbox,
    networks,
    settings,
    backup,
    importing,
    rules,
    delivery,
  },
  errors,
} as const;
