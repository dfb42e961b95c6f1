import type { CustomScheme, MenuItemConstructorOptions, OpenDialogOptions, SafeStorage } from 'electron';

/** What a test sets and looks at. */
export const world = {
  openedOutside: [] as string[],
  shownInFolder: [] as string[],
  openedPaths: [] as string[],
  openPathProblem: '',
  dialogOptions: [] as OpenDialogOptions[],
  dialogAnswer: { canceled: false, filePaths: [] as string[] },
  questions: [] as unknown[],
  buttonPressed: 1,
  errorBoxes: [] as string[],
  clipboard: '',
  popups: [] as MenuItemConstructorOptions[][],
  backend: 'gnome_libsecret' as ReturnType<SafeStorage['getSelectedStorageBackend']>,
  hasKeychain: true,
  /** `v10` is the key everybody knows, `v11` one of a password service's. */
  sealMark: 'v11',
  schemes: [] as CustomScheme[],
  protocolHandlers: new Map<string, (request: Request) => Promise<Response>>(),
  menu: [] as MenuItemConstructorOptions[],
  quits: 0,
  loadProblem: null as Error | null,
  workArea: { x: 0, y: 0, width: 1920, height: 1080 },
  /** Wayland may keep quiet. */
  saysReadyToShow: true,
};
