import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { bridgeName, type ElectronBridge, frameChannel } from '#shared/rpc/electron-bridge.ts';

// Runs sandboxed in the page's process. The page gets frames both ways and nothing of Electron's.
const bridge: ElectronBridge = {
  send: (frame) => ipcRenderer.send(frameChannel, frame),
  onFrame(listener) {
    // The event holds the sender, which would hand the page all of IPC.
    const onFrame = (_event: IpcRendererEvent, frame: unknown): void => listener(frame);
    ipcRenderer.on(frameChannel, onFrame);
    return () => {
      ipcRenderer.off(frameChannel, onFrame);
    };
  },
};

contextBridge.exposeInMainWorld(bridgeName, bridge);
