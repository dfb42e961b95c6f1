import type { Secret } from '#shared/mail/endpoint.ts';
import type { HostCapabilities } from '#shared/rpc/contract.ts';

/** What the core needs from wherever it runs. Every host supplies these; nothing in the core asks which host it is. */

/** The time, and waiting for it; tests hand in one they move by hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `run` once after `delayMs`; the answer cancels it. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Log {
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, error: unknown): void;
}

/** Where passwords and tokens are kept. Names look like `account:ID` and `server:ID`. */
export interface Secrets {
  /** Undefined: none stored. Throws `MailError` ENEEDS_PASSWORD when one is stored and cannot be read here. */
  get(name: string): Promise<Secret | undefined>;
  set(name: string, secret: Secret): Promise<void>;
  remove(name: string): Promise<void>;
  has(name: string): Promise<boolean>;
  /** For the settings screen: "in the keychain of this computer". */
  readonly keptIn: string;
  /** Others can read them there, too: on a disk that keeps no access rights. */
  readonly isOpenToOthers?: boolean;
}

/** Files that come with the program, wherever it was packed. */
export interface Resources {
  /** A worker thread's or child's entry, as a URL that `new Worker` and a fork accept. */
  worker(name: 'store-worker' | 'parse-child'): URL;
  /** A file of `assets/`, as an absolute path. */
  asset(name: string): string;
}

/** A child process that can be killed and talked to by messages (structured clone). */
export interface ChildProcess {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number | null) => void): void;
  kill(): void;
}

export interface Spawn {
  fork(entry: URL, options: { memoryLimitMb: number }): ChildProcess;
}

/** What the system's desktop can do for us; absent parts are shown as missing capabilities. */
export interface Desktop {
  readonly capabilities: HostCapabilities;
  chooseFolder?(title: string, startIn?: string): Promise<string | null>;
  chooseFile?(title: string, startIn?: string): Promise<string | null>;
  /** Asks in a window of the system's, out of a page's reach. */
  confirm?(question: { text: string; detail: string; yes: string }): Promise<boolean>;
  openPath?(path: string): Promise<void>;
  openExternal?(url: string): Promise<void>;
  notify?(title: string, body: string): Promise<void>;
}

/** Raw facts about where this machine is connected; `outgoing/network-location.ts` makes a fingerprint of them. */
export interface Network {
  /** Cheap: addresses of the interfaces, for noticing a change. */
  interfaces(): Record<string, readonly { address: string; family: string; internal: boolean; mac: string }[]>;
  /** Dearer: the default gateway and what is around it. */
  describe(signal: AbortSignal): Promise<NetworkDescription>;
}

export interface NetworkDescription {
  readonly gatewayAddress: string | null;
  readonly gatewayMac: string | null;
  readonly dnsSuffix: string | null;
  readonly interfaceKind: 'wired' | 'wireless' | 'other' | null;
  readonly wifiName: string | null;
  readonly isOnline: boolean;
}

/** Access tokens for XOAUTH2. */
export interface TokenSource {
  /** `force`: the last one was refused; get a new one. Throws `MailError` EAUTH. */
  get(options: { signal: AbortSignal; force: boolean }): Promise<string>;
}
