import type { Editor } from '@tiptap/react';
import { type FormEvent, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { Button, Dialog, TextField } from '../../ui/index.ts';
import { linkTarget } from './rich-text.ts';

/** Sets or removes the link of the selected words; with nothing selected the address itself becomes the words. */
export function LinkDialog({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const href: unknown = editor.getAttributes('link').href;
  const [address, setAddress] = useState(typeof href === 'string' ? href : '');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const target = linkTarget(address);
    if (target === null) {
      setWrong(true);
      return;
    }
    const chain = editor.chain().focus().extendMarkRange('link');
    if (editor.state.selection.empty && href === undefined)
      chain
        .insertContent({ type: 'text', text: address.trim(), marks: [{ type: 'link', attrs: { href: target } }] })
        .run();
    else chain.setLink({ href: target }).run();
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('composing.link.title')} size="small">
      <form onSubmit={submit} className="composer-dialog">
        <TextField
          label={t('composing.link.address')}
          value={address}
          onChange={setAddress}
          error={isWrong ? t('composing.link.wrong') : null}
          autoFocus
          inputMode="url"
        />
        <div className="composer-dialog-acts">
          {href !== undefined && (
            <Button
              onPress={() => {
                editor.chain().focus().extendMarkRange('link').unsetLink().run();
                onClose();
              }}
            >
              {t('composing.link.remove')}
            </Button>
          )}
          <Button variant="primary" type="submit">
            {t('composing.link.set')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
