import type { ReactNode } from 'react';

interface PanelFrameProps {
  /** The list, and what belongs to it. */
  children: ReactNode;
  /** The editor of one of its rows; null while none is open. */
  editor: ReactNode | null;
  /** Escape was pressed anywhere in the panel while the editor was open. */
  onClose: () => void;
}

/** A list, and beside it (below it, where it is narrow) the editor of one of its rows. */
export function PanelFrame({ children, editor, onClose }: PanelFrameProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the editor from anywhere in the panel
    <div
      className="servers-panel"
      data-editing={editor === null ? undefined : ''}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || editor === null) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="servers-side">{children}</div>
      {editor}
    </div>
  );
}
