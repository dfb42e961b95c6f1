import { CodeXml, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';
import { Button, Details, Icon } from '../../ui/index.ts';

/** So many of a message's faults are named at once; the others are one press away. */
const namedFaults = 3;

interface SourceProps {
  message: ParsedMessage;
  showsSource: boolean;
  onToggleSource: () => void;
}

/** What is to be known of a message before it is read: its faults, what the scanner said, what no rule could do. */
export function MessageNotes(props: SourceProps) {
  const { message } = props;
  return (
    <>
      <Scanned message={message} />
      <RuleProblems message={message} />
      <Faults {...props} />
    </>
  );
}

function Faults({ message, showsSource, onToggleSource }: SourceProps) {
  const { defects, isRaw } = message;
  if (!isRaw && defects.length === 0) return null;
  return (
    <Note title={t(isRaw ? 'reading.rawTitle' : 'reading.malformedTitle')}>
      <ul>
        {defects.slice(0, namedFaults).map((defect) => (
          <li key={defect}>{defect}</li>
        ))}
      </ul>
      {defects.length > namedFaults && (
        <Details
          summary={t('reading.moreDefects', { count: defects.length - namedFaults })}
          text={defects.slice(namedFaults).join('\n')}
        />
      )}
      <Button size="small" icon={CodeXml} onPress={onToggleSource}>
        {t(showsSource ? 'reading.hideSource' : 'reading.wholeSource')}
      </Button>
    </Note>
  );
}

function Scanned({ message: { scan } }: { message: ParsedMessage }) {
  if (scan === undefined || scan.isHeld || scan.state === 'unknown') return null;
  const title = scan.releasedBy === 'settings' ? t('quarantine.note.settings') : t(`quarantine.note.${scan.state}`);
  return (
    <Note title={title}>
      {scan.words !== '' && (
        <p>
          <bdi>{scan.words}</bdi>
        </p>
      )}
    </Note>
  );
}

function RuleProblems({ message: { ruleProblems = [] } }: { message: ParsedMessage }) {
  if (ruleProblems.length === 0) return null;
  return (
    <Note title={t('reading.ruleProblems')}>
      <ul>
        {ruleProblems.map((problem) => (
          <li key={problem}>
            <bdi>{problem}</bdi>
          </li>
        ))}
      </ul>
    </Note>
  );
}

function Note({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="reading-defects" data-state-colour="waiting" role="note">
      <p className="reading-note-title">
        <Icon of={TriangleAlert} />
        {title}
      </p>
      {children}
    </div>
  );
}
