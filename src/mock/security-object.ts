import { Obis, SecuritySetupV0 } from "../cosem/index.js";
import type { MockObject } from "./object.js";
import { object } from "./table-object.js";

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
  return object(SecuritySetupV0, Obis.fromOctets(options.logicalName), {
    securityPolicy: options.policy,
    securitySuite: options.suite,
    clientSystemTitle: ({ clientSap }) => options.clientSystemTitle(clientSap),
    serverSystemTitle: options.serverSystemTitle,
  });
}
