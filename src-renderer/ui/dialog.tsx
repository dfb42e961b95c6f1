import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { t } from '../i18n/index.ts';
import { IconButton } from './button.tsx';
import './dialog.css';

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** The buttons, least important first. */
  actions?: ReactNode;
  size?: 'small' | 'medium' | 'large';
  /** A question that has to be answered: no click outside closes it. Escape always does. */
  role?: 'dialog' | 'alertdialog';
  /** It holds text alone, which is scrolled with the keys. */
  isText?: boolean;
}

/** A dialog over the window. */
export function Dialog(props: DialogProps) {
  const { title, isOpen, onClose, children, actions, size = 'medium', role = 'dialog', isText = false } = props;
  return (
    <ModalOverlay
      className="ui-scrim"
      isOpen={isOpen}
      isDismissable={role === 'dialog'}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="ui-modal" data-size={size}>
        <AriaDialog className="ui-dialog" role={role}>
          <header className="ui-dialog-head">
            <Heading slot="title" className="ui-dialog-title">
              {title}
            </Heading>
            <IconButton label={t('ui.close')} icon={X} size="small" onPress={onClose} />
          </header>
          <div className="ui-dialog-body" {...(isText ? { role: 'group', 'aria-label': title, tabIndex: 0 } : {})}>
            {children}
          </div>
          {actions !== undefined && <footer className="ui-dialog-foot">{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
