import { useState } from 'react';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { formatMoment, formatTime, t } from '../../i18n/index.ts';
import { Button, Select, TextField } from '../../ui/index.ts';
import type { SendChoices } from './send-choices.ts';
import { fromLocalInput, type SendTime, sendTimes, toLocalInput } from './send-times.ts';

interface ChoiceProps {
  choices: SendChoices;
  onChoose: (choices: SendChoices) => void;
}

const byRoute = 'by-route';
const severalInOrder = 'several';

/** Another server for this one message. */
export function SendServer({ servers, choices, onChoose }: ChoiceProps & { servers: readonly OutgoingServerView[] }) {
  const enabled = servers.filter((server) => server.enabled);
  const [first] = choices.serverIds;
  const labels = choices.serverIds.map((id) => servers.find((server) => server.id === id)?.label ?? '');
  const isSeveral = labels.length > 1;
  return (
    <Select
      label={t('composing.server')}
      description={first === undefined ? undefined : t('composing.server.meaning')}
      options={[
        { value: byRoute, label: t('composing.server.route') },
        // Chosen elsewhere: kept until something else is chosen.
        ...(isSeveral
          ? [
              {
                value: severalInOrder,
                label: labels.reduce((before, next) => t('composing.server.then', { before, next })),
              },
            ]
          : []),
        ...enabled.map(({ id, label }) => ({ value: `${id}`, label })),
      ]}
      value={isSeveral ? severalInOrder : (first ?? byRoute)}
      onChange={(value) => {
        if (value === severalInOrder) return;
        onChoose({ ...choices, serverIds: enabled.filter(({ id }) => id === value).map(({ id }) => id) });
      }}
    />
  );
}

/** What its name does not say already. */
function momentOf({ id, at }: SendTime, now: Date): string {
  return id === 'in-an-hour' ? formatMoment(at, now) : formatTime(at);
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
        <Button
          size="small"
          variant={choices.sendAt === null ? 'primary' : 'secondary'}
          aria-pressed={choices.sendAt === null}
          onPress={() => choose(null)}
        >
          {t('composing.later.none')}
        </Button>
        {sendTimes(now).map((preset) => (
          <Button
            key={preset.id}
            size="small"
            variant={choices.sendAt === preset.at ? 'primary' : 'secondary'}
            aria-pressed={choices.sendAt === preset.at}
            onPress={() => choose(preset.at)}
          >
            {t(`composing.later.${preset.id}`)} <span className="composer-later-time">{momentOf(preset, now)}</span>
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
