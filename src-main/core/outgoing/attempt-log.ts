import type { LocationId } from '#shared/ids.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { Attempt, AttemptStage, StageTiming } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';

/** Keeps the stages, their times and the dialogue of one attempt while it runs. */
export interface AttemptLog {
  readonly stage: AttemptStage;
  /** The stage before ended well; this one begins. Entering the current one again changes nothing. */
  enter(stage: AttemptStage): void;
  /** Words for the current stage: what the server said, or what was found. */
  note(text: string): void;
  /** The current stage ended badly. */
  fail(text: string): void;
  client(line: string): void;
  server(line: string): void;
  /** The dialogue so far. */
  transcript(): string[];
  /** Everything so far, as an attempt that still lacks its outcome. */
  snapshot(): Omit<Attempt, 'outcome' | 'meaning'>;
}

const longestTranscript = 2000;
const longestLine = 1000;

/** Begins the log of one endpoint tried for one message. `startedAt` is epoch milliseconds. */
export function createAttemptLog(what: {
  server: Pick<OutgoingServer, 'id' | 'label'>;
  endpoint: Pick<Endpoint, 'host' | 'port'>;
  locationId?: LocationId;
  startedAt: number;
}): AttemptLog {
  const begun = performance.now();
  const stages: StageTiming[] = [];
  const transcript: string[] = [];
  let stage: AttemptStage = 'resolve';
  let stageBegan = begun;
  let words: string | undefined;
  let isOpen = false;

  const close = (ok: boolean): void => {
    if (!isOpen) return;
    stages.push({ stage, ok, durationMs: since(stageBegan), ...(words === undefined ? {} : { text: words }) });
    isOpen = false;
    words = undefined;
  };
  const write = (line: string): void => {
    if (transcript.length < longestTranscript) transcript.push(line.slice(0, longestLine));
  };

  return {
    get stage() {
      return stage;
    },
    enter(next) {
      if (isOpen && next === stage) return;
      close(true);
      stage = next;
      stageBegan = performance.now();
      isOpen = true;
    },
    note(text) {
      words = text.slice(0, longestLine);
    },
    fail(text) {
      words = text.slice(0, longestLine);
      if (!isOpen) {
        stageBegan = performance.now();
        isOpen = true;
      }
      close(false);
    },
    client: (line) => write(`C: ${line}`),
    server: (line) => {
      for (const part of line.split('\n')) write(`S: ${part.replace(/\r$/, '')}`);
    },
    transcript: () => [...transcript],
    snapshot() {
      close(true);
      return {
        serverId: what.server.id,
        serverLabel: what.server.label,
        endpoint: endpointName(what.endpoint),
        stage,
        durationMs: since(begun),
        startedAt: new Date(what.startedAt).toISOString(),
        ...(what.locationId === undefined ? {} : { locationId: what.locationId }),
        stages: [...stages],
        transcript: [...transcript],
      };
    },
  };
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
