import { formatDateFull, formatDateShort, formatSize, t } from '../../i18n/index.ts';
import { Checkbox, Skeleton, VisuallyHidden } from '../../ui/index.ts';
import { titleWhenCut } from '../../ui/title-when-cut.ts';
import type { WaitingRow } from './look-model.ts';

export interface WaitingTableProps {
  rows: readonly WaitingRow[];
  canShowHeaders: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** What waits on the server, a line each, to be chosen. */
export function WaitingTable({ rows, canShowHeaders, chosen, onChoose }: WaitingTableProps) {
  const isAll = rows.length > 0 && rows.every(({ uniqueId }) => chosen.has(uniqueId));
  const toggle = (uniqueId: string, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(uniqueId);
    else next.delete(uniqueId);
    onChoose(next);
  };
  return (
    <table className="look-table">
      <thead>
        <tr>
          <th scope="col">
            <Checkbox
              isSelected={isAll}
              isIndeterminate={!isAll && chosen.size > 0}
              onChange={(isOn) => onChoose(new Set(isOn ? rows.map(({ uniqueId }) => uniqueId) : []))}
            >
              <VisuallyHidden>{t('collecting.look.all')}</VisuallyHidden>
            </Checkbox>
          </th>
          <th scope="col">{t('collecting.look.from')}</th>
          <th scope="col">{t('collecting.look.subject')}</th>
          <th scope="col">{t('collecting.look.date')}</th>
          <th scope="col" className="look-size">
            {t('collecting.look.size')}
          </th>
          <th scope="col">{t('collecting.look.here')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Line
            key={row.uniqueId}
            row={row}
            isPending={row.header === null && canShowHeaders}
            isChosen={chosen.has(row.uniqueId)}
            onToggle={(isOn) => toggle(row.uniqueId, isOn)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Line(props: { row: WaitingRow; isPending: boolean; isChosen: boolean; onToggle: (isOn: boolean) => void }) {
  const { row, isPending, isChosen, onToggle } = props;
  const { header } = row;
  const subject = header === null ? row.uniqueId : header.subject || t('messages.noSubject');
  const date = header?.date ?? null;
  return (
    <tr data-chosen={isChosen ? '' : undefined} data-here={row.here}>
      <td>
        <Checkbox isSelected={isChosen} onChange={onToggle}>
          <VisuallyHidden>{t('collecting.look.choose', { subject })}</VisuallyHidden>
        </Checkbox>
      </td>
      <td className="look-from" dir="auto" {...titleWhenCut}>
        {isPending ? <Skeleton width="70%" /> : header?.from || t('collecting.look.unknown')}
      </td>
      <td className="look-subject" dir="auto" {...titleWhenCut}>
        {isPending ? <Skeleton width="85%" /> : header?.isGone === true ? t('collecting.look.gone') : subject}
      </td>
      <td className="look-date">
        {date !== null && (
          <time dateTime={date} title={formatDateFull(date)}>
            {formatDateShort(date)}
          </time>
        )}
      </td>
      <td className="look-size">{formatSize(row.octets)}</td>
      <td className="look-here">{t(`collecting.look.here.${row.here}`)}</td>
    </tr>
  );
}
