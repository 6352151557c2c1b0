import {
  AssociationSnV2,
  attributeAccess as attributeRight,
  methodAccess as methodRight,
  Obis,
  type ValueOf,
} from "../cosem/index.js";
import { attributeAccess, type MockObject, methodAccess, type RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

type Listed = ValueOf<typeof AssociationSnV2.attributes.objectList.type>[number];
type Rights = ValueOf<typeof AssociationSnV2.attributes.accessRightsList.type>[number];

const accessMode = { none: 0, read: 1, write: 2, "read-write": 3 } as const;

/** What the association needs to know of its meter. */
export interface AssociationSnHost {
  /** Undefined for an object without a short name. */
  baseNameOf(object: MockObject): number | undefined;
  /** Six octets: the security setup of this client. */
  securitySetup(clientSap: number): Uint8Array;
  /** Takes another password or secret for the next association; false where this client has none. */
  changeSecret(clientSap: number, secret: Uint8Array): boolean;
}

/**
 * The current Association SN (class 12, version 2): what it tells depends on who asks. Pass 3 and 4 of high level
 * authentication are carried out by the association itself and stand here for the object list.
 */
export function associationSnObject(logicalName: Uint8Array, host: AssociationSnHost): MockObject {
  const listed = ({ device, clientSap }: RequestContext) =>
    device.visibleTo(clientSap).flatMap((one) => {
      const baseName = host.baseNameOf(one);
      return baseName === undefined ? [] : [{ one, baseName }];
    });
  return object(
    AssociationSnV2,
    Obis.fromOctets(logicalName),
    {
      objectList: (context) => listed(context).map(({ one, baseName }): Listed => element(one, baseName)),
      accessRightsList: (context) =>
        listed(context).map(({ one, baseName }) => rights(one, baseName, context.clientSap)),
      securitySetupReference: ({ clientSap }) => Obis.fromOctets(host.securitySetup(clientSap)),
    },
    {
      methods: {
        changeSecret: (secret, { clientSap }) => {
          if (secret.length === 0 || !host.changeSecret(clientSap, secret))
            throw new Refusal(accessResult.readWriteDenied);
        },
        replyToHlsAuthentication: () => {
          throw new Refusal(accessResult.readWriteDenied);
        },
      },
    },
  );
}

function element({ classId, version, logicalName }: MockObject, baseName: number): Listed {
  return { baseName, classId, version, logicalName: Obis.fromOctets(logicalName) };
}

function rights(one: MockObject, baseName: number, clientSap: number): Rights {
  return {
    baseName,
    attributeAccess: [...one.attributes].map(([attributeId, { selectors }]) => ({
      attributeId,
      accessMode: attributeRight(accessMode[attributeAccess(one, clientSap, attributeId)], "enumerated"),
      accessSelectors: selectors === undefined ? undefined : [...selectors],
    })),
    methodAccess: [...one.methods.keys()].map((methodId) => ({
      methodId,
      accessMode: methodRight(methodAccess(one, clientSap, methodId) ? 1 : 0, "enumerated"),
    })),
  };
}
