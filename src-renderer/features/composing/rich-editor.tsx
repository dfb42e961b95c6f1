import { type Editor, EditorContent, useEditor, useEditorState } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { Bold, Italic, Link2, List, ListOrdered, TextQuote } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Toolbar } from 'react-aria-components';
import { t } from '../../i18n/index.ts';
import { IconButton } from '../../ui/index.ts';
import { LinkDialog } from './link-dialog.tsx';
import { type DocNode, type Format, linkTarget, shortcutOf } from './rich-text.ts';

export interface RichEditorProps {
  /** HTML, or a document made from plain text. Read once. */
  initial: string | DocNode;
  onChange: (html: string, doc: DocNode) => void;
  autoFocus: boolean;
  /** Told once it stands, with its document. */
  onReady: (doc: DocNode) => void;
}

const extensions = [
  StarterKit.configure({
    link: { openOnClick: false, autolink: true, linkOnPaste: true, isAllowedUri: (uri) => linkTarget(uri) !== null },
  }),
];

/** Simple rich text: bold, italic, lists, quotes, links. */
export function RichEditor({ initial, onChange, autoFocus, onReady }: RichEditorProps) {
  const editor = useEditor({
    extensions,
    content: initial,
    autofocus: autoFocus ? 'start' : false,
    injectCSS: false,
    editorProps: {
      attributes: {
        class: 'composer-rich',
        role: 'textbox',
        'aria-multiline': 'true',
        spellcheck: 'true',
        'aria-label': t('composing.body'),
      },
    },
    onUpdate: ({ editor: changed }) => onChange(changed.getHTML(), changed.getJSON()),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once per editor
  useEffect(() => {
    onReady(editor.getJSON());
  }, [editor]);
  return (
    <div className="composer-rich-room">
      <FormatBar editor={editor} />
      <EditorContent editor={editor} className="composer-rich-scroll" />
    </div>
  );
}

const tools: readonly { format: Exclude<Format, 'link'>; icon: typeof Bold }[] = [
  { format: 'bold', icon: Bold },
  { format: 'italic', icon: Italic },
  { format: 'bulletList', icon: List },
  { format: 'orderedList', icon: ListOrdered },
  { format: 'blockquote', icon: TextQuote },
];

function FormatBar({ editor }: { editor: Editor }) {
  const [isLinking, setLinking] = useState(false);
  const active = useEditorState({
    editor,
    selector: ({ editor: current }) => ({
      bold: current.isActive('bold'),
      italic: current.isActive('italic'),
      bulletList: current.isActive('bulletList'),
      orderedList: current.isActive('orderedList'),
      blockquote: current.isActive('blockquote'),
      link: current.isActive('link'),
    }),
  });
  return (
    <Toolbar aria-label={t('composing.toolbar')} className="composer-tools">
      {tools.map(({ format, icon }) => (
        <IconButton
          key={format}
          label={t(`composing.tool.${format}`)}
          icon={icon}
          size="small"
          shortcut={shortcutOf(format)}
          isActive={active[format]}
          onPress={() => apply(editor, format)}
        />
      ))}
      <IconButton
        label={t('composing.tool.link')}
        icon={Link2}
        size="small"
        isActive={active.link}
        onPress={() => setLinking(true)}
      />
      {isLinking && <LinkDialog editor={editor} onClose={() => setLinking(false)} />}
    </Toolbar>
  );
}

function apply(editor: Editor, format: Exclude<Format, 'link'>): void {
  const chain = editor.chain().focus();
  switch (format) {
    case 'bold':
      chain.toggleBold().run();
      return;
    case 'italic':
      chain.toggleItalic().run();
      return;
    case 'bulletList':
      chain.toggleBulletList().run();
      return;
    case 'orderedList':
      chain.toggleOrderedList().run();
      return;
    case 'blockquote':
      chain.toggleBlockquote().run();
      return;
  }
}
