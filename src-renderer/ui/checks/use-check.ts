import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../api.ts';
import { type CheckRequest, type CheckRun, runCheck } from './run-check.ts';

export type { CheckRequest, CheckRun } from './run-check.ts';

const idle: CheckRun = { kind: 'idle', endpoints: [] };

/** One live test at a time; it ends with the screen. */
export function useCheck(): { run: CheckRun; start: (request: CheckRequest) => void; stop: () => void } {
  const api = useApi();
  const [run, setRun] = useState<CheckRun>(idle);
  const stopRunning = useRef<(() => void) | null>(null);
  useEffect(() => () => stopRunning.current?.(), []);
  return {
    run,
    start: (request) => {
      stopRunning.current?.();
      stopRunning.current = runCheck(api, request, setRun);
    },
    stop: () => stopRunning.current?.(),
  };
}
