/** The classes that nearly every meter has, by the name under which the client offers them. */

import { AssociationLn } from "./classes/association-ln.js";
import { AssociationSn } from "./classes/association-sn.js";
import { Clock } from "./classes/clock.js";
import { DataClass } from "./classes/data.js";
import { DisconnectControl, ImageTransfer, SapAssignment } from "./classes/device.js";
import { ProfileGeneric } from "./classes/profile-generic.js";
import { DemandRegister, ExtendedRegister, Register } from "./classes/register.js";
import { SecuritySetup } from "./classes/security-setup.js";

/** Names and tables of the common classes, in their newest version. */
export interface CoreClasses {
  readonly data: typeof DataClass;
  readonly register: typeof Register;
  readonly extendedRegister: typeof ExtendedRegister;
  readonly demandRegister: typeof DemandRegister;
  readonly profileGeneric: typeof ProfileGeneric;
  readonly clock: typeof Clock;
  readonly associationLn: typeof AssociationLn;
  readonly associationSn: typeof AssociationSn;
  readonly sapAssignment: typeof SapAssignment;
  readonly imageTransfer: typeof ImageTransfer;
  readonly disconnectControl: typeof DisconnectControl;
  readonly securitySetup: typeof SecuritySetup;
}

export const coreClasses: CoreClasses = {
  data: DataClass,
  register: Register,
  extendedRegister: ExtendedRegister,
  demandRegister: DemandRegister,
  profileGeneric: ProfileGeneric,
  clock: Clock,
  associationLn: AssociationLn,
  associationSn: AssociationSn,
  sapAssignment: SapAssignment,
  imageTransfer: ImageTransfer,
  disconnectControl: DisconnectControl,
  securitySetup: SecuritySetup,
};
