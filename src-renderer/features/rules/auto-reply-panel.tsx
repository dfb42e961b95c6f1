import { type FormEvent, useState } from 'react';
import type { Identity } from '#shared/mail/identity.ts';
import { AutoReply } from '#shared/mail/rule.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useAutoReplies, useIdentities } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Card, NumberField, Section, Switch, showToast, TextArea, TextField } from '../../ui/index.ts';

/** Answers sent by themselves while the user is away: one for each identity. */
export function AutoReplyPanel() {
  const identities = useIdentities();
  return (
    <div className="rules-panels">
      <p className="rules-muted">{t('rules.answer.manners')}</p>
      {identities.length === 0 && <p>{t('rules.answer.none')}</p>}
      {identities.map((identity) => (
        <Card key={identity.id}>
          <Section title={identity.address}>
            <Answer identity={identity} />
          </Section>
        </Card>
      ))}
    </div>
  );
}

function Answer({ identity }: { identity: Identity }) {
  const api = useApi();
  const stored = useAutoReplies().find(({ identityId }) => identityId === identity.id);
  const [form, setForm] = useState(() => stored ?? AutoReply.parse({ identityId: identity.id, text: '' }));
  const [showsProblems, setShowsProblems] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isTextMissing = form.isEnabled && form.text.trim() === '';
  const isOrderWrong = form.from !== undefined && form.until !== undefined && form.until < form.from;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    if (isTextMissing || isOrderWrong) return;
    setError(null);
    api
      .call('autoReply.set', form)
      .then(() =>
        showToast({
          text: t(form.isEnabled ? 'rules.answer.saved.on' : 'rules.answer.saved.off', { address: identity.address }),
        }),
      )
      .catch(setError);
  };
  return (
    <form onSubmit={submit} className="rules-form" noValidate>
      <Switch isSelected={form.isEnabled} onChange={(isEnabled) => setForm({ ...form, isEnabled })}>
        {t('rules.answer.on')}
      </Switch>
      <div className="rules-row">
        <TextField
          label={t('rules.answer.from')}
          type="date"
          value={form.from ?? ''}
          onChange={(from) => setForm({ ...form, from: from === '' ? undefined : from })}
          description={t('rules.answer.from.text')}
        />
        <TextField
          label={t('rules.answer.until')}
          type="date"
          value={form.until ?? ''}
          onChange={(until) => setForm({ ...form, until: until === '' ? undefined : until })}
          description={t('rules.answer.until.text')}
          error={showsProblems && isOrderWrong ? t('rules.answer.order') : null}
        />
        <NumberField
          label={t('rules.answer.every')}
          unit={t('rules.answer.days')}
          minValue={1}
          maxValue={365}
          value={form.everyDays}
          onChange={(everyDays) => setForm({ ...form, everyDays: Number.isInteger(everyDays) ? everyDays : 7 })}
        />
      </div>
      <TextField
        label={t('rules.answer.subject')}
        value={form.subject}
        onChange={(subject) => setForm({ ...form, subject })}
        description={t('rules.answer.subject.text')}
        maxLength={300}
      />
      <TextArea
        label={t('rules.answer.text')}
        rows={5}
        value={form.text}
        onChange={(text) => setForm({ ...form, text })}
        error={showsProblems && isTextMissing ? t('rules.answer.text.missing') : null}
      />
      <FormError error={error} />
      <div className="rules-acts">
        <Button variant="primary" type="submit">
          {t('rules.answer.save')}
        </Button>
      </div>
    </form>
  );
}
