import {
  Archive,
  CalendarDays,
  Contact,
  Download,
  FileAudio,
  FileImage,
  FileQuestion,
  FileSpreadsheet,
  FileText,
  FileVideo,
  Mail,
  MailOpen,
  Presentation,
  TriangleAlert,
} from 'lucide-react';
import { useState } from 'react';
import type { Attachment, ParsedMessage } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { partPath, useHost } from '../../host/host.ts';
import { errorText, formatSize, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { sayError } from '../../projection/actions.ts';
import { Button, Icon, IconButton, type IconType, showToast } from '../../ui/index.ts';
import { titleWhenCut } from '../../ui/title-when-cut.ts';
import { partsOfInvitation } from './invitation-words.ts';

type Kind =
  | 'Image'
  | 'Audio'
  | 'Video'
  | 'Text'
  | 'Pdf'
  | 'Archive'
  | 'Message'
  | 'Calendar'
  | 'Contact'
  | 'Document'
  | 'Sheet'
  | 'Slides'
  | 'Program'
  | 'File';

const icons: Record<Kind, IconType> = {
  Image: FileImage,
  Audio: FileAudio,
  Video: FileVideo,
  Text: FileText,
  Pdf: FileText,
  Archive,
  Message: Mail,
  Calendar: CalendarDays,
  Contact,
  Document: FileText,
  Sheet: FileSpreadsheet,
  Slides: Presentation,
  Program: TriangleAlert,
  File: FileQuestion,
};

// The name decides before the declared type does: it is what the system goes by when the file is opened.
const byName: readonly [RegExp, Kind][] = [
  [
    /\.(exe|com|bat|cmd|scr|pif|msi|js|jse|vbs|vbe|wsf|ps1|lnk|hta|jar|app|dmg|apk|deb|rpm|sh|desktop|appimage)$/i,
    'Program',
  ],
  [/\.(zip|7z|rar|tar|gz|tgz|bz2|xz|zst)$/i, 'Archive'],
  [/\.pdf$/i, 'Pdf'],
  [/\.(docx?|odt|rtf|pages)$/i, 'Document'],
  [/\.(xlsx?|ods|csv|numbers)$/i, 'Sheet'],
  [/\.(pptx?|odp|key)$/i, 'Slides'],
  [/\.(ics|vcs)$/i, 'Calendar'],
  [/\.vcf$/i, 'Contact'],
  [/\.eml$/i, 'Message'],
];
const byType: readonly [RegExp, Kind][] = [
  [/^image\//i, 'Image'],
  [/^audio\//i, 'Audio'],
  [/^video\//i, 'Video'],
  [/^message\//i, 'Message'],
  [/^text\//i, 'Text'],
];

export function kindOf({ fileName, contentType }: Pick<Attachment, 'fileName' | 'contentType'>): Kind {
  const found = byName.find(([name]) => name.test(fileName)) ?? byType.find(([type]) => type.test(contentType));
  return found?.[1] ?? 'File';
}

/** What came with the message, as cards; saved, never opened from here. */
export function Attachments({ message }: { message: ParsedMessage }) {
  const host = useHost();
  const api = useApi();
  const [saving, setSaving] = useState<ReadonlySet<string>>(new Set());
  const saidAbove = partsOfInvitation(message);
  const cards = message.attachments.filter(
    (part) => (!part.isInline || message.html === null) && !saidAbove.includes(part.partId),
  );
  if (cards.length === 0) return null;

  async function save(part: Attachment): Promise<void> {
    setSaving((now) => new Set(now).add(part.partId));
    try {
      await host.saveBlob(partPath(message.messageKey, part.partId), part.fileName);
      showToast({ text: t('reading.saved', { name: part.fileName }), lastsMs: 4000 });
    } catch (error) {
      const { headline, advice } = errorText(error);
      showToast({ text: `${headline}. ${advice}` });
    } finally {
      setSaving((now) => {
        const rest = new Set(now);
        rest.delete(part.partId);
        return rest;
      });
    }
  }
  /** An attached message is read as a message file is: it lies in no folder. */
  async function read({ partId }: Attachment): Promise<void> {
    try {
      const { uploadId, fileName } = await api.call('upload.fromMessage', { messageKey: message.messageKey, partId });
      useNavigation.getState().open({ kind: 'opened-file', uploadId, fileName });
    } catch (error) {
      sayError(error);
    }
  }
  async function saveAll(): Promise<void> {
    for (const part of cards) await save(part);
  }

  return (
    <section className="reading-attachments" aria-label={t('reading.attachments', { count: cards.length })}>
      <header>
        <h3>{t('reading.attachments', { count: cards.length })}</h3>
        {cards.length > 1 && (
          <Button size="small" variant="quiet" icon={Download} onPress={() => void saveAll()}>
            {t('reading.saveAll')}
          </Button>
        )}
      </header>
      <ul>
        {cards.map((part) => (
          <Card
            key={part.partId}
            part={part}
            isSaving={saving.has(part.partId)}
            onSave={() => void save(part)}
            onRead={kindOf(part) === 'Message' ? () => void read(part) : null}
          />
        ))}
      </ul>
    </section>
  );
}

interface CardProps {
  part: Attachment;
  isSaving: boolean;
  onSave: () => void;
  /** Null: not a message. */
  onRead: (() => void) | null;
}

function Card({ part, isSaving, onSave, onRead }: CardProps) {
  const kind = kindOf(part);
  return (
    <li className="reading-card" data-kind={kind}>
      <Icon of={icons[kind]} size={20} />
      <div className="reading-card-words">
        <p className="reading-card-name" {...titleWhenCut}>
          <bdi>{part.fileName}</bdi>
        </p>
        <p className="reading-muted">
          {kind === 'Program' ? t('reading.programWarning') : t(`reading.kind${kind}`)} · {formatSize(part.sizeOctets)}
        </p>
      </div>
      {onRead !== null && (
        <IconButton label={t('reading.readNamed', { name: part.fileName })} icon={MailOpen} onPress={onRead} />
      )}
      <IconButton
        label={t('reading.saveNamed', { name: part.fileName })}
        icon={Download}
        isDisabled={isSaving}
        onPress={onSave}
      />
    </li>
  );
}
