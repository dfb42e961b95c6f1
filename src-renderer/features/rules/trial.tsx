import { useState } from 'react';
import { FolderPath } from '#shared/ids.ts';
import type { RuleInput, RulesReport } from '#shared/mail/rule.ts';
import { useApi } from '../../api.ts';
import { formatNumber, t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { useFolders } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Section, Select } from '../../ui/index.ts';
import { useJob } from '../../ui/use-job.ts';
import { actionWords } from './rule-words.ts';

export interface TrialProps {
  title: string;
  /** The rule in the editor, or null while something is missing in it; absent: all rules that are on. */
  draft?: () => RuleInput | null;
}

/** Asks rules about a folder: first only to see, then, if it is right, to do it. */
export function Trial({ title, draft }: TrialProps) {
  const api = useApi();
  const folders = useFolders((state) => state.folders);
  const [folder, setFolder] = useState<string>('Inbox');
  const job = useJob(() => undefined);
  const state = job.run.kind === 'begun' ? job.run.state : null;
  const report = state?.kind === 'succeeded' && state.summary.kind === 'rules' ? state.summary : null;
  const isRunning = job.run.kind === 'starting' || state?.kind === 'queued' || state?.kind === 'running';
  const path = FolderPath.safeParse(folder);
  const run = (isDryRun: boolean): void => {
    if (!path.success) return;
    const params = { folder: path.data, isDryRun };
    if (draft === undefined) job.start(() => api.call('rule.run', params));
    else {
      const rule = draft();
      if (rule !== null) job.start(() => api.call('rule.run', { ...params, draft: rule }));
    }
  };
  return (
    <Section title={title} description={t('rules.try.text')}>
      <div className="rules-row">
        <Select
          label={t('rules.try.folder')}
          options={folders
            .filter((one) => one.folder !== 'Outbox' && one.folder !== 'Drafts')
            .map((one) => ({
              value: `${one.folder}`,
              label: one.folder.includes('/') ? one.folder : folderLabel(one.folder),
            }))}
          value={folder}
          onChange={setFolder}
        />
        <Button onPress={() => run(true)} isPending={isRunning}>
          {t('rules.try.run')}
        </Button>
        {report?.isDryRun === true && report.matched > 0 && report.folder === folder && (
          <Button variant="primary" onPress={() => run(false)} isPending={isRunning}>
            {t('rules.try.apply')}
          </Button>
        )}
        {isRunning && <Button onPress={job.cancel}>{t('ui.cancel')}</Button>}
      </div>
      <p role="status" className="rules-muted">
        {state?.kind === 'running' && t('rules.try.running', { done: formatNumber(state.done) })}
        {report !== null && summaryOf(report)}
      </p>
      {report !== null && report.rows.length > 0 && <TrialTable report={report} namesRules={draft === undefined} />}
      {report?.problems.map((problem) => (
        <p key={problem} className="rules-muted">
          {problem}
        </p>
      ))}
      {job.run.kind === 'refused' && <FormError error={job.run.error} />}
      {state?.kind === 'failed' && <FormError error={state.error} />}
    </Section>
  );
}

function summaryOf({ isDryRun, examined, matched }: RulesReport): string {
  if (examined === 0) return t('rules.try.empty');
  if (matched === 0) return t('rules.try.none', { count: examined });
  return isDryRun
    ? t('rules.try.would', { count: matched, examined: formatNumber(examined) })
    : t('rules.try.did', { count: matched, examined: formatNumber(examined) });
}

function TrialTable({ report, namesRules }: { report: RulesReport; namesRules: boolean }) {
  const identities = useIdentities();
  return (
    <>
      {report.matched > report.rows.length && (
        <p className="rules-muted">{t('rules.try.more', { count: report.rows.length })}</p>
      )}
      <div className="rules-scroll">
        <table className="rules-table" aria-label={t('rules.try.table')}>
          <thead>
            <tr>
              <th scope="col">{t('rules.try.message')}</th>
              <th scope="col">{t('rules.try.from')}</th>
              <th scope="col">{t('rules.try.acts')}</th>
            </tr>
          </thead>
          <tbody>
            {report.rows.map(({ messageKey, subject, from, acts }) => (
              <tr key={messageKey}>
                <td>
                  <bdi>{subject === '' ? t('rules.no-subject') : subject}</bdi>
                </td>
                <td>
                  <bdi>{from}</bdi>
                </td>
                <td>
                  {acts.map(({ ruleId, ruleName, action }) => {
                    const act = actionWords(action, identities);
                    return (
                      <span key={`${ruleId} ${JSON.stringify(action)}`} className="rules-act">
                        {namesRules ? t('rules.try.by', { act, rule: ruleName }) : act}
                      </span>
                    );
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
