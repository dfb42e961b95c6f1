import { CircleAlert, X } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { ServerId } from '#shared/ids.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Icon, IconButton } from '../../ui/index.ts';
import { discardDraft, serverDrafts } from './drafts.ts';
import { RemoveServer } from './remove-server.tsx';
import { ServerFields } from './server-fields.tsx';
import { ServerMemory } from './server-memory.tsx';
import { problemsOfServerForm } from './server-problems.ts';
import { ServerTest } from './server-test.tsx';
import { ServerUsers } from './server-users.tsx';
import { UnsavedWords } from './unsaved-words.tsx';
import { useSaving } from './use-saving.ts';
import { useServerForm } from './use-server-form.ts';

export interface ServerEditorProps {
  /** Null: a new one. */
  server: OutgoingServerView | null;
  /** Shows it again, after it was closed. */
  onReopen: () => void;
  /** Closes it; what is not saved is kept. */
  onClose: () => void;
  /** Closes it with nothing left to keep. */
  onDone: () => void;
  onAdded: (id: ServerId) => void;
}

/** Edits one outgoing server, tests it live, and shows who uses it and what is remembered about it. */
export function ServerEditor({ server, onReopen, onClose, onDone, onAdded }: ServerEditorProps) {
  const { key, form, isChanged, change } = useServerForm(server);
  const [refusals, setRefusals] = useState(0);
  const saving = useSaving(server, onAdded);
  const editor = useRef<HTMLElement>(null);
  const showsProblems = refusals > 0;
  const problems = showsProblems ? problemsOfServerForm(form).length : 0;
  useEffect(() => {
    // To the first thing to mend, once it is marked as such.
    if (refusals > 0) editor.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (problemsOfServerForm(form).length > 0) setRefusals((before) => before + 1);
    else
      saving.save(form, () => {
        setRefusals(0);
        serverDrafts.drop(key);
      });
  };
  const cancel = (): void => {
    if (isChanged) discardDraft(serverDrafts, key, server?.label ?? null, onReopen);
    else serverDrafts.drop(key);
    onDone();
  };
  const title = server?.label ?? t('outgoing-servers.editor.new');
  return (
    <section className="servers-editor" aria-label={title} ref={editor}>
      <header className="servers-editor-head">
        <h2>{title}</h2>
        <IconButton label={t('outgoing-servers.editor.close')} icon={X} shortcut="Esc" onPress={onClose} />
      </header>
      <form onSubmit={submit} className="servers-form" noValidate>
        <ServerFields
          form={form}
          onChange={change}
          showsProblems={showsProblems}
          stored={server}
          isChanged={isChanged}
        />
        <FormError error={saving.error} />
        <div className="servers-acts servers-bar">
          {server !== null && <RemoveServer server={server} onRemoved={onDone} />}
          <span className="servers-space" role="status">
            <SavingWords problems={problems} isChanged={isChanged} />
          </span>
          <Button onPress={cancel}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isPending={saving.isSaving}>
            {t('outgoing-servers.save')}
          </Button>
        </div>
      </form>
      <ServerTest
        form={form}
        server={server}
        isChanged={isChanged}
        onChange={change}
        onProblems={() => setRefusals((before) => before + 1)}
        onSave={(next) => saving.save(next, () => serverDrafts.drop(key))}
      />
      {server !== null && (
        <>
          <ServerUsers server={server} />
          <ServerMemory server={server} />
        </>
      )}
    </section>
  );
}

function SavingWords({ problems, isChanged }: { problems: number; isChanged: boolean }) {
  if (problems > 0)
    return (
      <span className="servers-fold-problem">
        <Icon of={CircleAlert} />
        {t('outgoing-servers.problem.some', { count: problems })}
      </span>
    );
  return isChanged ? <UnsavedWords /> : null;
}
