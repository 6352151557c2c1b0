import { enumeration, octets } from "../data/index.js";
import type { MockObject, RequestContext } from "./object.js";

export interface SecuritySetupOptions {
  readonly logicalName: Uint8Array;
  /** security_policy of version 0: 0 nothing, 1 authenticated, 2 encrypted, 3 both. */
  readonly policy: number;
  readonly suite: number;
  readonly serverSystemTitle: Uint8Array;
  /** System title of the client that asks. */
  clientSystemTitle(clientSap: number): Uint8Array;
}

/** A Security setup object (class 64, version 0) to be read; keys are changed elsewhere. */
export function securitySetupObject(options: SecuritySetupOptions): MockObject {
  return {
    classId: 64,
    version: 0,
    logicalName: options.logicalName,
    attributes: new Map([
      [1, { get: () => octets(options.logicalName) }],
      [2, { get: () => enumeration(options.policy) }],
      [3, { get: () => enumeration(options.suite) }],
      [4, { get: ({ clientSap }: RequestContext) => octets(options.clientSystemTitle(clientSap)) }],
      [5, { get: () => octets(options.serverSystemTitle) }],
    ]),
    methods: new Map(),
  };
}
