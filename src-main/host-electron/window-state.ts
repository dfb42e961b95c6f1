import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writePrivateFile } from '../host-node/private-file.ts';

const Rectangle = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(320),
  height: z.number().int().min(240),
});
export type Rectangle = z.infer<typeof Rectangle>;

/** Where the window was when it was closed. */
const WindowState = z.object({ bounds: Rectangle, isMaximized: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

/** How much of the title bar has to be on a screen for a window to be moved by hand. */
const reachablePx = 80;

/** The kept state, no larger than its screen; null when there is none to read, or when its screen is gone. */
export async function readWindowState(path: string, screens: readonly Rectangle[]): Promise<WindowState | null> {
  try {
    const state = WindowState.parse(JSON.parse(await readFile(path, 'utf8')));
    const screen = screens.find((one) => isReachable(state.bounds, one));
    return screen === undefined ? null : { ...state, bounds: within(state.bounds, screen) };
  } catch {
    // Where a window was is not worth a message.
    return null;
  }
}

/** A size that this screen has room for: neither the last line nor an edge to pull at lies beyond it. */
export function fitting(
  { width, height }: Pick<Rectangle, 'width' | 'height'>,
  screen: Pick<Rectangle, 'width' | 'height'>,
): Pick<Rectangle, 'width' | 'height'> {
  return { width: Math.min(width, screen.width), height: Math.min(height, screen.height) };
}

/** What is larger than the screen, as after a large one was unplugged, fills that side of it. */
function within(bounds: Rectangle, screen: Rectangle): Rectangle {
  return {
    x: bounds.width > screen.width ? screen.x : bounds.x,
    y: bounds.height > screen.height ? screen.y : bounds.y,
    ...fitting(bounds, screen),
  };
}

export async function keepWindowState(path: string, state: WindowState): Promise<void> {
  await writePrivateFile(path, JSON.stringify(state));
}

function isReachable(bounds: Rectangle, screen: Rectangle): boolean {
  const overlap = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
  return overlap >= reachablePx && bounds.y >= screen.y && bounds.y <= screen.y + screen.height - reachablePx;
}
