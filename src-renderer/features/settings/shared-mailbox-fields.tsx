import { Plus, X } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { Banner, Button, IconButton, Switch, TextField } from '../../ui/index.ts';
import { fromSharedMailboxForm, newRoute, type SharedMailboxForm } from './shared-mailbox-form.ts';

/** A mailbox of several people: which field names whom a message is for, and where their mail goes. */
export function SharedMailboxFields(props: {
  multidrop: SharedMailboxForm | null;
  onChange: (multidrop: SharedMailboxForm | null) => void;
  showsProblems: boolean;
}) {
  const { multidrop, onChange } = props;
  return (
    <>
      <Switch
        isSelected={multidrop !== null}
        onChange={(isShared) => onChange(isShared ? { fields: '', routes: [newRoute()] } : null)}
        description={t('collecting.account.shared.text')}
      >
        {t('collecting.account.shared')}
      </Switch>
      {multidrop !== null && (
        <>
          <Banner level="info">{t('collecting.account.shared.warning')}</Banner>
          <TextField
            label={t('collecting.account.shared.fields')}
            description={t('collecting.account.shared.fields.text')}
            value={multidrop.fields}
            onChange={(fields) => onChange({ ...multidrop, fields })}
            spellCheck="false"
          />
          <Routes multidrop={multidrop} onChange={onChange} />
          {props.showsProblems && fromSharedMailboxForm(multidrop) === null && (
            <Banner level="warning">{t('collecting.account.shared.wrong')}</Banner>
          )}
        </>
      )}
    </>
  );
}

function Routes({
  multidrop,
  onChange,
}: {
  multidrop: SharedMailboxForm;
  onChange: (form: SharedMailboxForm) => void;
}) {
  const { routes } = multidrop;
  const change = (id: number, patch: { match?: string; folder?: string }): void =>
    onChange({ ...multidrop, routes: routes.map((route) => (route.id === id ? { ...route, ...patch } : route)) });
  return (
    <>
      {routes.map(({ id, match, folder }) => (
        <div key={id} className="settings-route">
          <TextField
            label={t('collecting.account.shared.match')}
            value={match}
            onChange={(next) => change(id, { match: next })}
            spellCheck="false"
          />
          <TextField
            label={t('collecting.account.shared.folder')}
            value={folder}
            onChange={(next) => change(id, { folder: next })}
          />
          <IconButton
            label={t('collecting.account.shared.remove', { match })}
            icon={X}
            onPress={() => onChange({ ...multidrop, routes: routes.filter((route) => route.id !== id) })}
          />
        </div>
      ))}
      <div>
        <Button icon={Plus} onPress={() => onChange({ ...multidrop, routes: [...routes, newRoute()] })}>
          {t('collecting.account.shared.add')}
        </Button>
      </div>
    </>
  );
}
