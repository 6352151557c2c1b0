import { DlmsError, dlmsError, type Layer } from "../base/index.js";
import { joinPath } from "./codec.js";

/** What is known of a failure besides the error itself; kept apart from it, since a partial message may hold secrets. */
interface Failure {
  /** Keys from the innermost field outwards. */
  readonly keys: string[];
  partial: unknown;
}

const failures = new WeakMap<DlmsError, Failure>();

/**
 * Called by each level that an error passes on its way up: notes the key of the field that failed, and puts what was
 * read of it into `partial`, the value of this level so far. Returns the error, to be thrown on.
 */
export function passFailure(error: unknown, key: string, partial?: Record<string, unknown> | unknown[]): unknown {
  if (!(error instanceof DlmsError)) return error;
  const failure = failures.get(error) ?? { keys: [], partial: undefined };
  failure.keys.push(key);
  if (partial !== undefined) {
    if (failure.partial !== undefined) {
      if (Array.isArray(partial)) partial.push(failure.partial);
      else partial[key] = failure.partial;
    }
    failure.partial = partial;
  }
  failures.set(error, failure);
  return error;
}

/** Notes what was read as a whole before an error that no codec threw, as one about octets after the end. */
export function withPartial(error: unknown, partial: unknown): unknown {
  if (error instanceof DlmsError) failures.set(error, { keys: [], partial });
  return error;
}

/** The error that leaves a layer: the same fault, with the path of the field where it lies. */
export function withPath(error: unknown, layer: Layer, root?: string): unknown {
  if (!(error instanceof DlmsError)) return error;
  const failure = failures.get(error);
  const path = joinPath([...(root === undefined ? [] : [root]), ...(failure?.keys ?? []).slice().reverse()]);
  if (path === "") return error;
  const outer = dlmsError(error.code, `${path}: ${error.message}`, { ...error.details, layer, path });
  if (failure !== undefined) failures.set(outer, failure);
  return outer;
}

/** What could be read before a codec failed with this error; may hold secrets, so it is not part of the error. */
export function partialOf(error: unknown): unknown {
  return error instanceof DlmsError ? failures.get(error)?.partial : undefined;
}
