import { t } from '../../i18n/index.ts';
import { NumberField } from '../../ui/index.ts';
import type { AccountForm } from './account-form.ts';
import { SharedMailboxFields } from './shared-mailbox-fields.tsx';

const octetsInMegabyte = 1_000_000;

/** What is collected of this account's mail, and when it warns. */
export function CollectingFields(props: {
  form: AccountForm;
  onChange: (patch: Partial<AccountForm>) => void;
  showsProblems: boolean;
}) {
  const { form, onChange } = props;
  return (
    <>
      <div className="settings-pair">
        <Megabytes
          label={t('collecting.account.large')}
          text={t('collecting.account.large.text')}
          octets={form.maxOctets}
          onChange={(maxOctets) => onChange({ maxOctets })}
        />
        <Megabytes
          label={t('collecting.account.warn')}
          text={t('collecting.account.warn.text')}
          octets={form.warnAboveOctets}
          onChange={(warnAboveOctets) => onChange({ warnAboveOctets })}
        />
      </div>
      <SharedMailboxFields
        multidrop={form.multidrop}
        onChange={(multidrop) => onChange({ multidrop })}
        showsProblems={props.showsProblems}
      />
    </>
  );
}

function Megabytes(props: { label: string; text: string; octets: number; onChange: (octets: number) => void }) {
  return (
    <NumberField
      label={props.label}
      description={props.text}
      value={props.octets / octetsInMegabyte}
      onChange={(megabytes) => props.onChange(Number.isNaN(megabytes) ? 0 : Math.round(megabytes * octetsInMegabyte))}
      minValue={0}
      maxValue={1_000_000}
      formatOptions={{ maximumFractionDigits: 1 }}
      unit={t('collecting.account.megabytes')}
    />
  );
}
