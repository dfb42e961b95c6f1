import { t } from '../../i18n/index.ts';
import { TextField } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';

/** How this computer names itself: a matter of taste for a relay, of being let in for direct delivery. */
export function EhloField({ form, onChange, has }: PartProps) {
  const problem = (['ehlo-wrong', 'ehlo-missing'] as const).find(has);
  return (
    <TextField
      label={t('outgoing-servers.ehlo')}
      description={form.kind === 'direct-mx' ? t('outgoing-servers.ehlo.direct') : t('outgoing-servers.ehlo.meaning')}
      value={form.ehloName}
      onChange={(ehloName) => onChange({ ehloName })}
      error={problem === undefined ? null : t(`outgoing-servers.problem.${problem}`)}
      spellCheck="false"
      autoComplete="off"
    />
  );
}
