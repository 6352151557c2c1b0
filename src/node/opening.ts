import type { AbortSignalLike } from "../base/index.js";
import { dlmsError } from "../base/index.js";
import { abortedError } from "./system-error.js";

/**
 * Runs what opens a line, with an end by time and by the caller's signal.
 * @param begin starts the opening; returns what undoes it when it must not go on
 */
export function opening<T>(
  what: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignalLike | undefined },
  begin: (done: (value: T) => void, failed: (error: unknown) => void) => () => void,
): Promise<T> {
  const { signal, timeoutMs } = options;
  if (signal?.aborted === true) return Promise.reject(abortedError(what, signal.reason));
  return new Promise((resolve, reject) => {
    let undo: (() => void) | undefined;
    const finish = (settle: () => void, undone: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (undone) undo?.();
      settle();
    };
    const onAbort = () => finish(() => reject(abortedError(what, signal?.reason)), true);
    const onTimeout = () => finish(() => reject(timeoutError(what, timeoutMs)), true);
    const timer = setTimeout(onTimeout, timeoutMs);
    signal?.addEventListener("abort", onAbort);
    undo = begin(
      (value) => finish(() => resolve(value), false),
      (error) => finish(() => reject(error), false),
    );
  });
}

function timeoutError(what: string, timeoutMs: number) {
  return dlmsError("timeout", `${what}: no answer within ${timeoutMs} ms`, {
    layer: "transport",
    phase: "open",
    timeoutMs,
    retryable: true,
  });
}
