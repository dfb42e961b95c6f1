import {
  CalendarDays,
  CalendarX2,
  Check,
  CircleCheck,
  CircleHelp,
  CircleMinus,
  CircleX,
  Download,
  ExternalLink,
  TriangleAlert,
  X,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import type {
  InvitationAnswer,
  InvitedEvent,
  Invitee,
  Participation,
  ShownInvitation,
} from '#shared/mail/invitation.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { openedFileFolder } from '#shared/mail/opened-file.ts';
import { partPath, useHost } from '../../host/host.ts';
import { formatDateTime, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { sayError } from '../../projection/actions.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Icon, type IconType, showToast, VisuallyHidden } from '../../ui/index.ts';
import { isOnlyInvitation, isOver, leafOf, momentWords, repeatsWords, spanWords } from './invitation-words.ts';
import { Person } from './message-head.tsx';
import { TextBody } from './text-body.tsx';
import { useAnswer } from './use-answer.ts';
import './invitation.css';

type OnLink = (address: string, text: string) => void;

/** So many of those asked are named at once. */
const fewInvitees = 5;

/** Who sends junk learns nothing from us; what is ours was answered by others; a file on the disk was sent to nobody. */
const notAnswered: readonly string[] = [
  folder.junk,
  folder.quarantine,
  folder.sent,
  folder.drafts,
  folder.outbox,
  openedFileFolder,
];

/** What a calendar says by this message, above its text; and the answer to it. */
export function InvitationCard({ message, onLink }: { message: ParsedMessage; onLink: OnLink }) {
  const { invitation } = message;
  const [event, ...others] = invitation?.events ?? [];
  if (invitation === undefined || event === undefined) return null;
  const answered = invitation.kind === 'reply' ? invitation.invitees[0]?.participation : undefined;
  const description = isOnlyInvitation(message) ? event.description : '';
  return (
    <section className="invitation" aria-label={kindWords(invitation)} data-kind={invitation.kind}>
      <div className="invitation-top">
        <Leaf event={event} />
        <div className="invitation-words">
          <p className="invitation-kind" data-participation={answered}>
            <Icon of={kindIcon(event, answered)} />
            <bdi>{kindWords(invitation)}</bdi>
          </p>
          <h3 className="invitation-title">
            <bdi>{event.title === '' ? t('invitation.noTitle') : event.title}</bdi>
          </h3>
          <When event={event} isLarge />
        </div>
      </div>
      <Facts invitation={invitation} event={event} onLink={onLink} />
      {invitation.comment !== '' && invitation.kind !== 'request' && (
        <blockquote className="reading-leave-words" dir="auto">
          {invitation.comment}
        </blockquote>
      )}
      {description !== '' && <TextBody text={description} onLink={onLink} />}
      {others.length > 0 && <Others invitation={invitation} first={event} others={others} />}
      <Foot message={message} invitation={invitation} event={event} />
    </section>
  );
}

function kindWords({ kind, invitees: [first], organizer }: ShownInvitation): string {
  const who = nameOf(first) || nameOf(organizer ?? undefined) || t('invitation.somebody');
  if (kind === 'reply') return t(`invitation.reply.${first?.participation ?? 'unanswered'}`, { who });
  return kind === 'counter' ? t('invitation.kind.counter', { who }) : t(`invitation.kind.${kind}`);
}

function kindIcon({ isCancelled }: InvitedEvent, answered: Participation | undefined): IconType {
  const icon = answered === undefined ? null : participationIcons[answered];
  return icon ?? (isCancelled ? CalendarX2 : CalendarDays);
}

function nameOf(person: { displayName: string; mailbox: string } | undefined): string {
  return person === undefined ? '' : person.displayName || person.mailbox;
}

/** The day as a calendar shows it. What is said of it stands beside it in words. */
function Leaf({ event: { start, isCancelled } }: { event: InvitedEvent }) {
  if (start === null) return null;
  const { day, month } = leafOf(start);
  return (
    <div className="invitation-leaf" data-cancelled={isCancelled ? '' : undefined} aria-hidden="true">
      <span>{month}</span>
      <strong>{day}</strong>
    </div>
  );
}

function When({ event, isLarge = false }: { event: InvitedEvent; isLarge?: boolean }) {
  const span = spanWords(event);
  const { repeats, instanceOf } = event;
  return (
    <div className="invitation-when" data-large={isLarge ? '' : undefined}>
      <p data-cancelled={event.isCancelled ? '' : undefined}>{span?.when ?? t('invitation.noTime')}</p>
      {span !== null && span.note !== null && (
        <p className="reading-muted">
          <bdi>{span.note}</bdi>
        </p>
      )}
      {repeats !== undefined && <p>{repeatsWords(repeats)}</p>}
      {instanceOf !== undefined && (
        <p className="reading-muted">{t('invitation.instanceOf', { when: momentWords(instanceOf) })}</p>
      )}
    </div>
  );
}

function Facts({ invitation, event, onLink }: { invitation: ShownInvitation; event: InvitedEvent; onLink: OnLink }) {
  const { organizer, invitees, kind } = invitation;
  const { place, link } = event;
  const hasPlace = place !== '' || link !== undefined;
  return (
    <dl className="reading-fields">
      {hasPlace && (
        <Fact name={t('invitation.where')}>
          {place !== '' && place !== link && (
            <span className="reading-fact" dir="auto">
              {place}
            </span>
          )}
          {link !== undefined && (
            <Button variant="link" icon={ExternalLink} onPress={() => onLink(link, link)}>
              {t('invitation.openLink', { host: hostOf(link) })}
            </Button>
          )}
        </Fact>
      )}
      {organizer !== null && (
        <Fact name={t('invitation.by')}>
          <Somebody person={organizer} />
        </Fact>
      )}
      {invitees.length > 0 && kind !== 'reply' && (
        <Fact name={t('invitation.asked')}>
          <Invitees invitation={invitation} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : address;
}

function Somebody({ person }: { person: { displayName: string; mailbox: string } }) {
  if (person.mailbox === '') return <bdi className="reading-fact">{person.displayName}</bdi>;
  return <Person address={{ displayName: person.displayName, mailbox: person.mailbox }} />;
}

const participationIcons: Readonly<Record<Participation, IconType | null>> = {
  unanswered: null,
  accepted: CircleCheck,
  declined: CircleX,
  tentative: CircleHelp,
  delegated: CircleMinus,
};

function Invitees({ invitation: { invitees, inviteeCount } }: { invitation: ShownInvitation }) {
  const [showsAll, setShowsAll] = useState(false);
  // One that is folded away alone would take as much room as it leaves.
  const canFold = invitees.length > fewInvitees + 1;
  const shown = showsAll || !canFold ? invitees : invitees.slice(0, fewInvitees);
  const notListed = inviteeCount - invitees.length;
  return (
    <>
      <ul className="invitation-invitees">
        {shown.map((invitee, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and may name one twice
          <li key={at}>
            <OneInvitee invitee={invitee} />
          </li>
        ))}
      </ul>
      {canFold && (
        <Button variant="link" aria-expanded={showsAll} onPress={() => setShowsAll(!showsAll)}>
          {showsAll ? t('invitation.fewer') : t('invitation.more', { count: inviteeCount - fewInvitees })}
        </Button>
      )}
      {showsAll && notListed > 0 && (
        <span className="reading-muted">{t('invitation.notShown', { count: notListed })}</span>
      )}
    </>
  );
}

function OneInvitee({ invitee }: { invitee: Invitee }) {
  const icon = participationIcons[invitee.participation];
  const word = t(`invitation.participation.${invitee.participation}`);
  const what = invitee.isResource ? t('invitation.resource') : invitee.isOptional ? t('invitation.optional') : null;
  return (
    <>
      <Somebody person={invitee} />
      {icon === null ? (
        <VisuallyHidden>{word}</VisuallyHidden>
      ) : (
        <span className="invitation-participation" data-participation={invitee.participation}>
          <Icon of={icon} />
          {word}
        </span>
      )}
      {what !== null && <span className="reading-muted">{what}</span>}
    </>
  );
}

/** Days of a series that are otherwise; or further entries, where a file holds several. */
function Others({
  invitation: { eventCount },
  first,
  others,
}: {
  invitation: ShownInvitation;
  first: InvitedEvent;
  others: readonly InvitedEvent[];
}) {
  const areDays = others.every(({ instanceOf }) => instanceOf !== undefined);
  return (
    <details className="ui-details">
      <summary>{t(areDays ? 'invitation.others' : 'invitation.otherEvents', { count: eventCount - 1 })}</summary>
      <ul className="invitation-others">
        {others.map((event, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <li key={at}>
            {event.title !== first.title && <strong dir="auto">{event.title}</strong>}
            <When event={event} />
          </li>
        ))}
      </ul>
    </details>
  );
}

const answers: readonly { answer: InvitationAnswer; icon: IconType }[] = [
  { answer: 'accepted', icon: Check },
  { answer: 'tentative', icon: CircleHelp },
  { answer: 'declined', icon: X },
];
const answerWords = { accepted: 'accept', tentative: 'tentative', declined: 'decline' } as const;

/** How a calendar that came without a name is called among the attachments. */
const namelessFile = 'attachment.ics';

function fileNameFor(fileName: string, title: string): string {
  if (fileName !== namelessFile) return fileName;
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0 ? fileName : `${words.join(' ').slice(0, 80).trim()}.ics`;
}

function Foot({
  message,
  invitation,
  event,
}: {
  message: ParsedMessage;
  invitation: ShownInvitation;
  event: InvitedEvent;
}) {
  const host = useHost();
  const { asked, organizer } = invitation;
  const isOffered = asked !== undefined && !notAnswered.includes(message.folder);
  const { given, later, pending, error, answer } = useAnswer(message, event.title, isOffered);
  const open = useNavigation((state) => state.open);
  // Nobody waits for an answer any more.
  const hasButtons = isOffered && later?.kind !== 'cancel';
  const files = message.attachments.filter(({ partId }) => invitation.partIds.includes(partId));
  // The one that was named by whoever sent it.
  const file = files.find(({ fileName }) => fileName !== namelessFile) ?? files[0];

  async function save(): Promise<void> {
    if (file === undefined) return;
    try {
      const name = fileNameFor(file.fileName, event.title);
      await host.saveBlob(partPath(message.messageKey, file.partId), name);
      showToast({ text: t('invitation.saved', { name }), lastsMs: 4000 });
    } catch (reason) {
      sayError(reason);
    }
  }

  return (
    <footer className="invitation-foot">
      {isOver(event, Date.now()) && <p className="reading-muted">{t('invitation.isOver')}</p>}
      {later !== null && (
        <p className="invitation-later" data-state-colour="waiting">
          <Icon of={TriangleAlert} />
          {t(`invitation.later.${later.kind}`)}
          <Button variant="link" onPress={() => open({ ...later, kind: 'mail' })}>
            {t('invitation.showLater')}
          </Button>
        </p>
      )}
      <div className="invitation-buttons">
        {hasButtons && (
          <fieldset aria-label={t('invitation.answer')}>
            {answers.map((choice) => (
              <Button
                key={choice.answer}
                icon={choice.icon}
                className="invitation-answer"
                aria-pressed={given?.answer === choice.answer}
                isPending={pending === choice.answer}
                isDisabled={pending !== null && pending !== choice.answer}
                onPress={() => answer(choice.answer)}
              >
                {t(`invitation.${answerWords[choice.answer]}`)}
              </Button>
            ))}
          </fieldset>
        )}
        {file !== undefined && (
          <Button variant="quiet" icon={Download} onPress={() => void save()}>
            {t('invitation.save')}
          </Button>
        )}
      </div>
      {(hasButtons || given !== null) && asked !== undefined && (
        <p className="reading-muted" role="status">
          {given === null
            ? t('invitation.answersTo', { who: organizer?.mailbox ?? '', from: asked.mailbox })
            : `${t(`invitation.given.${given.answer}`)} ${
                given.isWaiting
                  ? t('invitation.isWaiting')
                  : t('invitation.wentOut', { date: formatDateTime(given.date) })
              }`}
        </p>
      )}
      <FormError error={error} />
    </footer>
  );
}
