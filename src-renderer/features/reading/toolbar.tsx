import {
  Archive,
  ArrowLeft,
  CodeXml,
  Ellipsis,
  Flag,
  FolderInput,
  FolderOutput,
  Forward,
  ListFilter,
  MailPlus,
  Pencil,
  Printer,
  Reply,
  ReplyAll,
  Route,
  ShieldQuestionMark,
  Trash2,
  Type,
} from 'lucide-react';
import { Toolbar as AriaToolbar } from 'react-aria-components';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';
import { type MessageActs, messageEntries } from '../../projection/message-entries.ts';
import { Button, IconButton, MenuButton, type MenuEntry } from '../../ui/index.ts';

export interface ToolbarProps {
  row: MessageSummary;
  acts: MessageActs;
  hasHtml: boolean;
  showsText: boolean;
  showsSource: boolean;
  showsWay: boolean;
  onToggleText: () => void;
  /** The scanner holds it back. */
  isHeld: boolean;
  onToggleSource: () => void;
  onJunkWhy: () => void;
  /** Null: there is nothing to go by. */
  onMakeRule: (() => void) | null;
  /** Null: not a message we sent. */
  onToggleWay: (() => void) | null;
  onPrint: () => void;
  onBack: (() => void) | null;
}

/** What can be done with the message in view: one stop for Tab, the arrows go through it. */
export function Toolbar(props: ToolbarProps) {
  const { row, acts } = props;
  const isDraft = row.folder === folder.drafts;
  const isFlagged = row.flags.includes('flagged');
  return (
    <AriaToolbar className="reading-toolbar" aria-label={t('reading.actions')}>
      {props.onBack !== null && <IconButton label={t('app.backToList')} icon={ArrowLeft} onPress={props.onBack} />}
      {isDraft ? (
        <Button variant="primary" icon={Pencil} onPress={acts.edit}>
          {t('messages.edit')}
        </Button>
      ) : props.isHeld ? (
        <Button icon={FolderOutput} onPress={acts.release}>
          {t('quarantine.releaseAct')}
        </Button>
      ) : (
        <>
          <Button icon={Reply} onPress={acts.reply}>
            {t('messages.reply')}
          </Button>
          <IconButton label={t('messages.replyAll')} icon={ReplyAll} shortcut="A" onPress={acts.replyAll} />
          <IconButton label={t('messages.forward')} icon={Forward} shortcut="F" onPress={acts.forward} />
        </>
      )}
      <span className="reading-gap" />
      {props.onToggleWay !== null && (
        <IconButton
          label={t(props.showsWay ? 'reading.wayHide' : 'reading.wayShow')}
          icon={Route}
          isActive={props.showsWay}
          onPress={props.onToggleWay}
        />
      )}
      <IconButton
        label={t(isFlagged ? 'messages.unflag' : 'messages.flag')}
        icon={Flag}
        shortcut="S"
        isActive={isFlagged}
        onPress={acts.toggleFlag}
      />
      <IconButton label={t('messages.markUnread')} icon={MailPlus} shortcut="U" onPress={acts.toggleRead} />
      {!props.isHeld && (
        <>
          <IconButton label={t('messages.move')} icon={FolderInput} shortcut="M" onPress={acts.move} />
          <IconButton label={t('messages.archive')} icon={Archive} shortcut="E" onPress={acts.archive} />
        </>
      )}
      <IconButton
        label={t(props.isHeld ? 'messages.deleteForGood' : 'messages.delete')}
        icon={Trash2}
        shortcut="Del"
        onPress={acts.remove}
      />
      <MenuButton label={t('messages.more')} entries={moreEntries(props)} placement="bottom end">
        <IconButton label={t('messages.more')} icon={Ellipsis} />
      </MenuButton>
    </AriaToolbar>
  );
}

function moreEntries(props: ToolbarProps): MenuEntry[] {
  const own: MenuEntry[] = [
    {
      id: 'text',
      label: t(props.showsText ? 'reading.asHtml' : 'reading.asText'),
      icon: Type,
      isDisabled: !props.hasHtml,
      onAction: props.onToggleText,
    },
    {
      id: 'source',
      label: t(props.showsSource ? 'reading.hideSource' : 'reading.showSource'),
      icon: CodeXml,
      shortcut: 'V',
      onAction: props.onToggleSource,
    },
    ...(props.isHeld
      ? []
      : [{ id: 'junk-why', label: t('reading.junkWhy'), icon: ShieldQuestionMark, onAction: props.onJunkWhy }]),
    ...(props.onMakeRule === null
      ? []
      : [{ id: 'rule', label: t('reading.makeRule'), icon: ListFilter, onAction: props.onMakeRule }]),
    { id: 'print', label: t('reading.print'), icon: Printer, shortcut: 'P', onAction: props.onPrint },
    { kind: 'separator', id: 'line-own' },
  ];
  return [...own, ...messageEntries([props.row], props.acts)];
}
