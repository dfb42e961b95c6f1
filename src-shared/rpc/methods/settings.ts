import { z } from 'zod';
import { AccountId, FolderPath, IdentityId, MessageKey, RuleId, ServerId } from '../../ids.ts';
import { Address } from '../../mail/address.ts';
import { Port, Security } from '../../mail/endpoint.ts';
import { Identity, IdentityInput } from '../../mail/identity.ts';
import { AccountInput, IncomingAccountView } from '../../mail/incoming-account.ts';
import { OutgoingServerView, ServerInput } from '../../mail/outgoing-server.ts';
import { QuarantinedMessage, ScannerSettings, ScannerStatus, ScanOutcome } from '../../mail/quarantine.ts';
import { AutoReply, JunkStatus, JunkVerdict, Rule, RuleInput, RuleProblem } from '../../mail/rule.ts';
import { Contact, Preferences, PreferencesPatch, SettingsView } from '../../mail/settings.ts';
import { PracticeFaults, PracticeSetup, SetupProposal } from '../../mail/setup.ts';
import { done, job, keys, method, nothing, Patch } from '../method.ts';
import { AppInfo, ContactFormat } from '../shapes.ts';

/** What the user set up: accounts, servers, identities, people, rules, and the checks and practice servers of the set-up. */
export const settingsMethods = {
  'app.info': method(nothing, AppInfo),
  'app.dismissNotice': method(z.object({ id: z.string() }), done),

  'settings.get': method(nothing, SettingsView),
  'settings.setPreferences': method(PreferencesPatch, Preferences),
  'account.add': method(AccountInput, z.object({ id: AccountId })),
  'account.set': method(z.object({ id: AccountId, patch: Patch }), IncomingAccountView),
  'account.list': method(nothing, z.array(IncomingAccountView)),
  'account.remove': method(z.object({ id: AccountId }), done),
  'server.add': method(ServerInput, z.object({ id: ServerId })),
  'server.set': method(z.object({ id: ServerId, patch: Patch }), OutgoingServerView),
  'server.list': method(nothing, z.array(OutgoingServerView)),
  'server.remove': method(z.object({ id: ServerId }), done),
  'server.reorder': method(z.object({ ids: z.array(ServerId) }), done),
  'identity.add': method(IdentityInput, z.object({ id: IdentityId })),
  'identity.set': method(z.object({ id: IdentityId, patch: Patch }), Identity),
  'identity.list': method(nothing, z.array(Identity)),
  'identity.remove': method(z.object({ id: IdentityId }), done),

  'contact.list': method(nothing, z.array(Contact)),
  'contact.put': method(Contact, done),
  'contact.remove': method(z.object({ mailbox: z.string() }), done),
  /** The picture an entry names, as base64; null where it is not there. */
  'contact.photo': method(
    z.object({ photo: z.string().regex(/^[0-9a-f]{64}$/) }),
    z.object({ type: z.string(), base64: z.string() }).nullable(),
  ),
  /** The whole address book as a file for other programs: vCard 3.0, which they all read, 4.0, or a table. */
  'contact.export': method(
    z.object({ format: ContactFormat }),
    z.object({ text: z.string(), people: z.number().int(), addresses: z.number().int() }),
  ),
  /** The address book first, then addresses known from mail, best match first. */
  'contact.complete': method(
    z.object({ prefix: z.string().max(200), limit: z.number().int().min(1).max(50).default(8) }),
    z.array(Address),
  ),

  /** In the order they are asked. */
  'rule.list': method(nothing, z.array(Rule)),
  'rule.add': method(RuleInput, z.object({ id: RuleId })),
  'rule.set': method(z.object({ id: RuleId, patch: Patch }), Rule),
  'rule.remove': method(z.object({ id: RuleId }), done),
  'rule.reorder': method(z.object({ ids: z.array(RuleId) }), done),
  /** Asks the enabled rules, or these, or one not saved yet, about the messages of a folder. Ends with a `RulesReport`. */
  'rule.run': method(
    z.object({
      folder: FolderPath,
      ruleIds: z.array(RuleId).min(1).optional(),
      draft: RuleInput.optional(),
      isDryRun: z.boolean().default(false),
    }),
    job,
  ),

  /** What rules could not do lately, the newest first, with the message's subject. */
  'rule.problems': method(nothing, z.array(RuleProblem.extend({ subject: z.string() }))),
  /** They were read: of this rule, or all. */
  'rule.forgetProblems': method(z.object({ ruleId: RuleId.optional() }), done),

  'junk.status': method(nothing, JunkStatus),
  'junk.set': method(z.object({ patch: Patch }), JunkStatus),
  /** Learns from them and moves them to Junk, or to the Inbox. */
  'junk.mark': method(
    keys.extend({ isJunk: z.boolean() }),
    z.object({ moved: z.array(z.object({ messageKey: MessageKey, from: FolderPath })) }),
  ),
  'junk.explain': method(z.object({ messageKey: MessageKey }), JunkVerdict),
  /** All it has learnt. No message is touched. */
  'junk.forget': method(nothing, done),

  'scanner.status': method(nothing, ScannerStatus),
  'scanner.set': method(z.object({ patch: Patch }), ScannerStatus),
  /** Runs the command on a clean message and on the EICAR test file, as it stands here, saved or not. Nothing is stored. */
  'scanner.try': method(
    z.object({ scanner: ScannerSettings }),
    z.object({ clean: ScanOutcome, infected: ScanOutcome }),
  ),
  /** Everything the scanner holds back. */
  'quarantine.list': method(nothing, z.array(QuarantinedMessage)),
  /** To the folder each was for. */
  'quarantine.release': method(
    keys,
    z.object({ released: z.array(z.object({ messageKey: MessageKey, folder: FolderPath })) }),
  ),
  /** For good: the files are removed. */
  'quarantine.delete': method(keys, done),
  /** The scanner judges them again. */
  'quarantine.check': method(keys, done),

  'autoReply.set': method(AutoReply, done),

  'setup.propose': method(z.object({ address: z.string().max(320) }), SetupProposal),
  /** Tests every endpoint given, step by step; `check.progress` tells each step as it happens. Nothing is stored. */
  'check.account': method(z.object({ account: AccountInput, accountId: AccountId.optional() }), job),
  /**
   * With `serverId`, what was seen of that server before is compared, and what is seen now remembered. Direct MX is tested with
   * the servers of `domain`, or of an identity's own domain.
   */
  'check.server': method(
    z.object({
      server: ServerInput,
      serverId: ServerId.optional(),
      domain: z.string().trim().min(1).max(253).optional(),
    }),
    job,
  ),
  /**
   * Looks at a host from here, set up or not, without signing in: on the usual ports, or on those given. `host` may be the id
   * or the label of an outgoing server: then its own endpoints are looked at, and compared with what was seen before.
   */
  'check.host': method(
    z.object({
      host: z.string().trim().min(1).max(253),
      ports: z.array(Port).max(20).optional(),
      security: Security.optional(),
    }),
    job,
  ),
  /**
   * What answers in the place of this endpoint (`host:port`, only one of security `none`) may take mail, on the present network
   * and on no other. Remembered until it is forgotten (`server.forget`).
   */
  'server.acceptRelay': method(z.object({ serverId: ServerId, endpoint: z.string() }), done),
  'practice.setUp': method(nothing, PracticeSetup),
  'practice.faults': method(
    z.object({ faults: PracticeFaults.partial().optional() }),
    z.object({ isRunning: z.boolean(), faults: PracticeFaults }),
  ),
  /** What the practice servers took so far. */
  'practice.received': method(
    nothing,
    z.array(
      z.object({ server: z.string(), from: z.string(), to: z.array(z.string()), subject: z.string(), at: z.string() }),
    ),
  ),
} as const;
