import { t } from '../../i18n/index.ts';
import { Checkbox, RadioGroup } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';
import type { DsnNotice } from './server-form.ts';

const notices = ['failure', 'delay', 'success', 'never'] as const;

/** Which delivery reports to ask for. RFC 3461 §4.1: NEVER stands alone. */
export function ReportFields({ form, onChange }: PartProps) {
  const toggle = (notice: DsnNotice, isChosen: boolean): void => {
    const others = form.dsnNotify.filter((other) => other !== notice && other !== 'never' && notice !== 'never');
    onChange({ dsnNotify: notices.filter((one) => others.includes(one) || (one === notice && isChosen)) });
  };
  return (
    <>
      <fieldset className="servers-fields" aria-label={t('outgoing-servers.reports')}>
        <span className="ui-field-label" aria-hidden="true">
          {t('outgoing-servers.reports')}
        </span>
        {notices.map((notice) => (
          <Checkbox
            key={notice}
            isSelected={form.dsnNotify.includes(notice)}
            onChange={(isChosen) => toggle(notice, isChosen)}
          >
            {t(`outgoing-servers.report.${notice}`)}
          </Checkbox>
        ))}
        <p className="servers-muted">{t('outgoing-servers.reports.meaning')}</p>
      </fieldset>
      <RadioGroup
        label={t('outgoing-servers.reportOf')}
        options={(['hdrs', 'full'] as const).map((value) => ({
          value,
          label: t(`outgoing-servers.reportOf.${value}`),
        }))}
        value={form.dsnRet}
        onChange={(dsnRet) => onChange({ dsnRet })}
      />
    </>
  );
}
