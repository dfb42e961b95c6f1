import { FolderSearch } from 'lucide-react';
import { useState } from 'react';
import type { MailSourceView } from '#shared/mail/mail-source.ts';
import { useApi } from '../../api.ts';
import { formatList, formatSize, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Banner, Button, EmptyState } from '../../ui/index.ts';
import { BookChoice } from './book-choice.tsx';
import { FolderChoice } from './folder-choice.tsx';
import { hasLabels, problemsOf, requestFor, sumOf } from './import-choice.ts';
import { backToWhere, startImport, useImport } from './import-state.ts';
import { LayoutChoice } from './layout-choice.tsx';
import { useCounts } from './use-counts.ts';

const namedTags = 12;

/** What lies there, what of it should come in, and where to. */
export function WhatPage({ source }: { source: MailSourceView }) {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const choice = useImport((state) => state.choice);
  const [showsProblems, setShowsProblems] = useState(false);
  useCounts(source);
  const start = (): void => {
    setShowsProblems(true);
    const request = requestFor(source, choice);
    if (request !== null) startImport(api, request);
  };
  const books = source.books ?? [];
  if (source.folders.length + books.length === 0)
    return (
      <EmptyState
        icon={FolderSearch}
        title={t('importing.what.nothing', { path: source.path })}
        text={source.notes.join(' ')}
        action={<Button onPress={backToWhere}>{t('importing.back')}</Button>}
      />
    );
  const problems = showsProblems ? problemsOf(choice) : [];
  return (
    <>
      {source.kind === 'backup' && (
        <Banner
          level="info"
          className="importing-banner"
          actions={
            <Button size="small" onPress={() => open({ kind: 'backup' })}>
              {t('importing.else.backup.go')}
            </Button>
          }
        >
          {t('importing.what.backup')}
        </Banner>
      )}
      {source.notes.map((note) => (
        <Banner key={note} level="warning" className="importing-banner">
          {note}
        </Banner>
      ))}
      {source.folders.length > 0 && <FolderChoice source={source} />}
      {books.length > 0 && <BookChoice books={books} />}
      {problems.includes('no-folders') && (
        <p className="importing-problem" role="alert">
          {t(books.length === 0 ? 'importing.what.none' : 'importing.what.noneOrBook')}
        </p>
      )}
      {hasLabels(source) && <p className="importing-muted">{t('importing.what.labels')}</p>}
      {source.tags.length > 0 && <p className="importing-muted">{tagWords(source)}</p>}
      {source.folders.length > 0 && <LayoutChoice source={source} problems={problems} />}
      <div className="importing-acts">
        <Button onPress={backToWhere}>{t('importing.back')}</Button>
        <Button variant="primary" onPress={start}>
          {t('importing.start')}
        </Button>
        {source.folders.length > 0 && <Sum source={source} />}
      </div>
    </>
  );
}

function tagWords({ tags }: MailSourceView): string {
  const names = tags.slice(0, namedTags).map(({ name }) => name);
  return t('importing.what.tags', { tags: formatList(tags.length > namedTags ? [...names, '…'] : names) });
}

function Sum({ source }: { source: MailSourceView }) {
  const { chosen } = useImport((state) => state.choice);
  const counts = useImport((state) => state.counts);
  const folders = source.folders.filter(({ id }) => chosen.has(id));
  const { octets, messages, isExact } = sumOf(folders, counts);
  const size = formatSize(octets);
  return (
    <output className="importing-muted">
      {messages === null
        ? t('importing.what.sum', { count: folders.length, size })
        : t(isExact ? 'importing.what.sumCounted' : 'importing.what.sumAbout', { count: messages, size })}
    </output>
  );
}
