import { type ClipboardEvent, type DragEvent, useState } from 'react';

interface DropHandlers {
  onDragOver: (event: DragEvent) => void;
  onDragLeave: (event: DragEvent) => void;
  onDropCapture: (event: DragEvent) => void;
  onPasteCapture: (event: ClipboardEvent) => void;
}

/** Files dropped or pasted anywhere on the composer. Text is left to the fields. */
export function useFileDrop(onFiles: (files: FileList) => void): { isOver: boolean; handlers: DropHandlers } {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      },
      onDragLeave: (event) => {
        const { relatedTarget } = event;
        if (!(relatedTarget instanceof Node) || !event.currentTarget.contains(relatedTarget)) setOver(false);
      },
      onDropCapture: (event) => {
        setOver(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        event.stopPropagation();
        onFiles(event.dataTransfer.files);
      },
      onPasteCapture: (event) => {
        // Office programs put a picture of the text beside the text: then the text is meant.
        if (event.clipboardData.files.length === 0 || event.clipboardData.types.includes('text/plain')) return;
        event.preventDefault();
        event.stopPropagation();
        onFiles(event.clipboardData.files);
      },
    },
  };
}
