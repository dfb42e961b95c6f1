import { type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import { frameChannel } from '#shared/rpc/electron-bridge.ts';
import { ListenedTransport, type Transport } from '#shared/rpc/transport.ts';
import { appOrigin } from './app-protocol.ts';

/**
 * Joins windows to the core: one transport a loaded page. A frame counts only when it comes from the top frame of one
 * of our windows while that shows our page: the frames mail is shown in are frames, too.
 */
export function serveWindows(attach: (transport: Transport) => void): {
  add(contents: WebContents): void;
  close(): void;
} {
  const pages = new Map<WebContents, Page>();
  const windows = new Set<WebContents>();

  const onFrame = (event: IpcMainEvent, frame: unknown): void => {
    const contents = event.sender;
    if (!windows.has(contents) || !isOurTopFrame(event)) return;
    let page = pages.get(contents);
    if (page === undefined) {
      page = new Page(contents);
      pages.set(contents, page);
      attach(page);
    }
    page.receive(frame);
  };
  ipcMain.on(frameChannel, onFrame);

  function endPage(contents: WebContents): void {
    pages.get(contents)?.close();
    pages.delete(contents);
  }

  return {
    add(contents) {
      windows.add(contents);
      // A reload starts a page that knows nothing of the one before.
      contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) endPage(contents);
      });
      contents.on('render-process-gone', () => endPage(contents));
      contents.on('destroyed', () => {
        endPage(contents);
        windows.delete(contents);
      });
    },
    close() {
      ipcMain.off(frameChannel, onFrame);
      for (const contents of [...pages.keys()]) endPage(contents);
    },
  };
}

function isOurTopFrame({ senderFrame, sender }: IpcMainEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.origin === appOrigin;
}

class Page extends ListenedTransport {
  readonly #contents: WebContents;

  constructor(contents: WebContents) {
    super();
    this.#contents = contents;
  }

  send(frame: unknown): void {
    if (this.isClosed || this.#contents.isDestroyed()) return;
    this.#contents.send(frameChannel, frame);
  }
}
