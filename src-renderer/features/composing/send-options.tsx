import { useState } from 'react';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { formatMoment, t } from '../../i18n/index.ts';
import { Button, Select, TextField } from '../../ui/index.ts';
import type { SendChoices } from './send-choices.ts';
import { fromLocalInput, sendTimes, toLocalInput } from './send-times.ts';

interface ChoiceProps {
  choices: SendChoices;
  onChoose: (choices: SendChoices) => void;
}

const byRoute = 'by-route';

/** Another server for this one message. */
export function SendServer({ servers, choices, onChoose }: ChoiceProps & { servers: readonly OutgoingServerView[] }) {
  const enabled = servers.filter((server) => server.enabled);
  return (
    <Select
      label={t('composing.server')}
      description={choices.serverId === null ? undefined : t('composing.server.meaning')}
      options={[
        { value: byRoute, label: t('composing.server.route') },
        ...enabled.map(({ id, label }) => ({ value: `${id}`, label })),
      ]}
      value={choices.serverId ?? byRoute}
      onChange={(value) => onChoose({ ...choices, serverId: enabled.find(({ id }) => id === value)?.id ?? null })}
    />
  );
}

/** Now, at one of a few sensible moments, or at any other. */
export function SendLater({ choices, onChoose }: ChoiceProps) {
  const [now] = useState(() => new Date());
  const [typed, setTyped] = useState(() => (choices.sendAt === null ? '' : toLocalInput(new Date(choices.sendAt))));
  const at = fromLocalInput(typed, now);
  const choose = (sendAt: number | null): void => {
    setTyped(sendAt === null ? '' : toLocalInput(new Date(sendAt)));
    onChoose({ ...choices, sendAt });
  };
  return (
    <fieldset className="composer-later">
      <legend className="ui-field-label">{t('composing.later')}</legend>
      <div className="composer-later-presets">
        <Button size="small" variant={choices.sendAt === null ? 'primary' : 'secondary'} onPress={() => choose(null)}>
          {t('composing.later.none')}
        </Button>
        {sendTimes(now).map((preset) => (
          <Button
            key={preset.id}
            size="small"
            variant={choices.sendAt === preset.at ? 'primary' : 'secondary'}
            onPress={() => choose(preset.at)}
          >
            {t(`composing.later.${preset.id}`)} <span className="composer-later-time">{formatMoment(preset.at)}</span>
          </Button>
        ))}
      </div>
      <TextField
        label={t('composing.later.at')}
        type="datetime-local"
        value={typed}
        onChange={(value) => {
          setTyped(value);
          const moment = fromLocalInput(value, new Date());
          if (moment !== null) onChoose({ ...choices, sendAt: moment });
        }}
        error={typed !== '' && at === null ? t('composing.later.past') : null}
        description={t('composing.later.meaning')}
      />
    </fieldset>
  );
}
