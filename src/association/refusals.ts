import { type DlmsError, dlmsError, type Notice } from "../base/index.js";
import {
  accessResults,
  exceptionServiceErrors,
  type Reason,
  serviceErrorAdvice,
  serviceErrors,
  serviceProviderDiagnostics,
  serviceUserDiagnostics,
  stateErrors,
} from "./reasons.js";

const authenticationDiagnostics = new Set([11, 12, 13, 14]);

/** The error for an AARE that rejects. */
export function associationRejected(
  permanent: boolean,
  source: "acse-service-user" | "acse-service-provider",
  diagnostic: number,
  serviceError?: { readonly choice: number; readonly value: number },
): DlmsError {
  const table = source === "acse-service-user" ? serviceUserDiagnostics : serviceProviderDiagnostics;
  const { name, sentence, advice } = lookUp(table, diagnostic, "diagnostic");
  const because = serviceError && describeServiceError(serviceError.choice, serviceError.value);
  const code =
    source === "acse-service-user" && authenticationDiagnostics.has(diagnostic)
      ? "authentication-refused"
      : "association-rejected";
  const message = `the meter rejected the association (${permanent ? "permanently" : "for now"}): ${sentence}${
    because ? `; it adds ${because.name}` : ""
  }`;
  return dlmsError(code, message, {
    layer: "association",
    reason: because?.name ?? name,
    advice: because?.advice ?? advice,
    retryable: !permanent,
  });
}

/**
 * The error for an exception-response. `counter` is what the meter says it expects; `proven` is false when the answer
 * should have been protected and was not: then nothing tells that a write was not carried out.
 */
export function exceptionRefusal(
  stateError: number,
  serviceError: number,
  counter: number | undefined,
  proven: boolean,
): DlmsError {
  const state = lookUp(stateErrors, stateError, "state-error");
  const service = lookUp(exceptionServiceErrors, serviceError, "service-error");
  const expects = counter === undefined ? "" : `, it expects ${counter}`;
  return dlmsError(
    "request-refused",
    `the meter refused the request: ${state.sentence}, ${service.sentence}${expects}${hint(proven)}`,
    {
      layer: "association",
      reason: service.name,
      advice: service.advice,
      outcomeUnknown: !proven,
      ...(counter !== undefined && { expected: `${counter}` }),
    },
  );
}

/** The error for a confirmed-service-error; `proven` as with an exception-response. */
export function serviceRefusal(choice: number, value: number, proven: boolean): DlmsError {
  const { name, advice } = describeServiceError(choice, value);
  return dlmsError("request-refused", `the meter refused the request: ${name}${hint(proven)}`, {
    layer: "association",
    reason: name,
    advice,
    outcomeUnknown: !proven,
  });
}

/** The error of a request whose link or association went away under it. */
export function lostWhile(service: string, error: DlmsError, outcomeUnknown: boolean): DlmsError {
  return dlmsError(error.code, `${error.message} while a ${service} waited for its answer`, {
    ...error.details,
    cause: error,
    retryable: service === "get",
    outcomeUnknown,
  });
}

/** The error for a data-access-result or action-result other than success. `what` names the object, for people. */
export function accessRefusal(result: number, what: string): DlmsError {
  const { name, sentence, advice } = lookUp(accessResults, result, "data-access-result");
  return dlmsError("access-refused", `${what}: ${sentence} (${name})`, {
    layer: "association",
    reason: name,
    advice,
    retryable: result === 2,
  });
}

/** A command that the state does not allow. */
export function wrongState(what: string, state: string): DlmsError {
  return dlmsError("wrong-state", `cannot ${what} while the association is ${state}`, { layer: "association" });
}

/** @throws UsageError `wrong-state` unless the association is there. */
export function requireState(what: string, state: string, wanted: string): void {
  if (state !== wanted) throw wrongState(what, state);
}

/** A release that was not answered as it should be. */
export function releaseNotice(what: string): Notice {
  return { type: "notice", name: "release-unanswered", message: `the meter ${what}: taken as released` };
}

/** Name of a data-access-result, as the standard writes it; the number for one that is in no table. */
export function accessResultName(result: number): string {
  return lookUp(accessResults, result, "data-access-result").name;
}

function describeServiceError(choice: number, value: number): { readonly name: string; readonly advice: string } {
  const group = serviceErrors[choice];
  const name = group?.values[value];
  return {
    name: `${group?.name ?? `service-error ${choice}`}: ${name ?? value}`,
    advice:
      (name === undefined ? undefined : serviceErrorAdvice[name]) ??
      "The meter does not explain further: record the session.",
  };
}

function lookUp(table: Readonly<Record<number, Reason>>, value: number, what: string): Reason {
  return (
    table[value] ?? {
      name: `${value}`,
      sentence: `${what} ${value}, which no table explains`,
      advice: "The number is the manufacturer's own: ask the manufacturer.",
    }
  );
}

const hint = (proven: boolean) => (proven ? "" : " (the answer was not protected: a hint, no proof)");
