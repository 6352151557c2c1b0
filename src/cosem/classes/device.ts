/** Classes of the device itself: logical devices, firmware, supply switch. */
import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed, method, repeatable } from "../define.js";
import { ControlState, ImageTransferStatus } from "../enumerations.js";
import { bitStringOf, bool, enumeration, enumOf, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** SAP assignment (class 17): the logical devices and their addresses. */
export const SapAssignment = /* @__PURE__ */ defineClass(() => ({
  id: 17,
  version: 0,
  name: "sapAssignment",
  attributes: {
    /** Address and name of each logical device. */
    sapAssignmentList: fixed(2, array(structure({ sap: uint16, logicalDeviceName: octets }))),
  },
  methods: {
    /** Gives a logical device an address; 0 takes it away. */
    connectLogicalDevice: method(1, structure({ sap: uint16, logicalDeviceName: octets })),
  },
  methodOffset: 0x20,
}));

/** Image transfer (class 18): takes over new firmware block by block, checks and activates it. */
export const ImageTransfer = /* @__PURE__ */ defineClass(() => ({
  id: 18,
  version: 0,
  name: "imageTransfer",
  attributes: {
    /** Octets of a block; the last one may be shorter. */
    imageBlockSize: fixed(2, uint32),
    /** One bit a block, from block 0: whether it has arrived. */
    imageTransferredBlocksStatus: attribute(3, bitStringOf()),
    /** Number of the first block that is missing. */
    imageFirstNotTransferredBlockNumber: attribute(4, uint32),
    imageTransferEnabled: fixed(5, bool),
    imageTransferStatus: attribute(6, enumOf(ImageTransferStatus)),
    /** What the verified image would activate. */
    imageToActivateInfo: attribute(
      7,
      array(
        structure({
          imageToActivateSize: uint32,
          imageToActivateIdentification: octets,
          imageToActivateSignature: octets,
        }),
      ),
    ),
  },
  methods: {
    /** Begins a transfer. */
    imageTransferInitiate: method(1, structure({ imageIdentifier: octets, imageSize: uint32 })),
    /** Hands over a block; numbers begin at 0. */
    imageBlockTransfer: repeatable(method(2, structure({ imageBlockNumber: uint32, imageBlockValue: octets }))),
    /** Has the meter check the image; temporary failure means that it still does. */
    imageVerify: action(3),
    /** Has the meter use the image; temporary failure means that it still prepares. */
    imageActivate: action(4),
  },
  methodOffset: 0x40,
}));

/** Disconnect control, version 0. */
export const DisconnectControlV0 = /* @__PURE__ */ defineClass(() => ({
  id: 70,
  version: 0,
  name: "disconnectControl",
  attributes: {
    /** True when the supply is physically connected. */
    outputState: attribute(2, bool),
    controlState: attribute(3, enumOf(ControlState)),
    /** Who may disconnect and reconnect: 0 nobody, 1 to 6 (7 from version 1 on) in the standard's table. */
    controlMode: fixed(4, enumeration),
  },
  methods: {
    /** Disconnects, where the mode allows it. */
    remoteDisconnect: repeatable(action(1)),
    /** Reconnects, or makes ready for it by hand, where the mode allows it. */
    remoteReconnect: action(2),
  },
  methodOffset: 0x20,
}));

/** Disconnect control, version 1: one control mode more. */
export const DisconnectControlV1 = /* @__PURE__ */ extendClass(DisconnectControlV0, () => ({
  version: 1,
  methodOffset: 0x20,
}));

/** Disconnect control (class 70), version 2: what changed after version 1 is not known here. */
export const DisconnectControl = /* @__PURE__ */ extendClass(DisconnectControlV1, () => ({ version: 2 }));
