// SPDX-License-Identifier: GPL-3.0-only
// A meter made of jDLMS, for interoperability tests; not part of the npm package.
// Usage: java -cp ... Meter   says on which ports it listens, and ends when its input does.
// What it holds is told in ../../support/peer-meter.ts.
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openmuc.jdlms.AttributeAccessMode;
import org.openmuc.jdlms.AuthenticationMechanism;
import org.openmuc.jdlms.CosemAttribute;
import org.openmuc.jdlms.CosemClass;
import org.openmuc.jdlms.CosemMethod;
import org.openmuc.jdlms.CosemSnInterfaceObject;
import org.openmuc.jdlms.DlmsServer;
import org.openmuc.jdlms.LogicalDevice;
import org.openmuc.jdlms.SecuritySuite;
import org.openmuc.jdlms.SecuritySuite.EncryptionMechanism;
import org.openmuc.jdlms.SecuritySuite.SecurityPolicy;
import org.openmuc.jdlms.SelectiveAccessDescription;
import org.openmuc.jdlms.datatypes.DataObject;
import org.openmuc.jdlms.datatypes.DataObject.Type;
import org.openmuc.jdlms.sessionlayer.server.ServerSessionLayerFactories;
import org.openmuc.jdlms.sessionlayer.server.ServerSessionLayerFactory;
import org.openmuc.jdlms.settings.client.ReferencingMethod;

public class Meter {
    static final byte[] ENCRYPTION_KEY = hex("000102030405060708090A0B0C0D0E0F");
    static final byte[] AUTHENTICATION_KEY = hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    static final int ROWS = 480;

    public static void main(String[] args) throws Exception {
        StringBuilder ports = new StringBuilder("listening {");
        for (ReferencingMethod referencing : ReferencingMethod.values()) {
            int hdlc = freePort();
            serve(hdlc, referencing, ServerSessionLayerFactories.newHdlcSessionLayerFactory());
            int wrapper = freePort();
            serve(wrapper, referencing, ServerSessionLayerFactories.newWrapperSessionLayerFactory());
            ports.append(ports.indexOf("}") < 0 ? "" : ",").append(String.format("\"%s\":{\"hdlc\":%d,\"wrapper\":%d}",
                    referencing == ReferencingMethod.SHORT ? "sn" : "ln", hdlc, wrapper));
        }
        System.out.println(ports.append('}'));
        System.in.read();
        System.exit(0);
    }

    static void serve(int port, ReferencingMethod referencing, ServerSessionLayerFactory link) throws IOException {
        DlmsServer.tcpServerBuilder(port).setReferencingMethod(referencing).registerLogicalDevice(device()).setSessionLayerFactory(link).build();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static LogicalDevice device() {
        LogicalDevice device = new LogicalDevice(1, "JDL0000000000001", "JDL", 1L);
        device.addRestriction(16, SecuritySuite.builder().build());
        device.addRestriction(2, SecuritySuite.builder()
                .setAuthenticationMechanism(AuthenticationMechanism.LOW)
                .setPassword("12345678".getBytes(StandardCharsets.US_ASCII)).build());
        device.addRestriction(1, SecuritySuite.builder()
                .setAuthenticationMechanism(AuthenticationMechanism.HLS5_GMAC)
                .setEncryptionMechanism(EncryptionMechanism.AES_GCM_128)
                .setSecurityPolicy(SecurityPolicy.AUTHENTICATED_AND_ENCRYPTED)
                .setGlobalUnicastEncryptionKey(ENCRYPTION_KEY)
                .setAuthenticationKey(AUTHENTICATION_KEY).build());
        device.setMasterKey(hex("00112233445566778899AABBCCDDEEFF"));
        device.registerCosemObject(new Clock(), new Energy(), new Profile(), new Note(), new Switch());
        return device;
    }

    static byte[] hex(String text) {
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
        return bytes;
    }

    /** 2026-01-01 00:00 Central European Time, and quarters of an hour from there. */
    static byte[] time(int quarter) {
        int day = quarter / 96;
        return new byte[] {0x07, (byte) 0xEA, 1, (byte) (1 + day), (byte) ((3 + day) % 7 + 1), (byte) (quarter / 4 % 24), (byte) (15 * (quarter % 4)), 0, 0,
            (byte) 0xFF, (byte) 0xC4, 0};
    }

    @CosemClass(id = 8)
    public static class Clock extends CosemSnInterfaceObject {
        @CosemAttribute(id = 2, snOffset = 0x08, type = Type.OCTET_STRING, accessMode = AttributeAccessMode.READ_AND_WRITE)
        private DataObject time = DataObject.newOctetStringData(time(40));

        public Clock() { super(0x2000, "0.0.1.0.0.255"); }
        public DataObject getTime() { return time; }
        public void setTime(DataObject value) { time = value; }
    }

    @CosemClass(id = 3)
    public static class Energy extends CosemSnInterfaceObject {
        @CosemAttribute(id = 2, snOffset = 0x08, type = Type.DOUBLE_LONG_UNSIGNED, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject value = DataObject.newUInteger32Data(4_294_967_295L);
        @CosemAttribute(id = 3, snOffset = 0x10, type = Type.STRUCTURE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject scalerUnit = DataObject.newStructureData(DataObject.newInteger8Data((byte) -1), DataObject.newEnumerateData(30));

        public Energy() { super(0x2100, "1.0.15.8.0.255"); }
        public DataObject getValue() { return value; }
        public DataObject getScalerUnit() { return scalerUnit; }

        @CosemMethod(id = 1, snOffset = 0x28, consumes = Type.INTEGER)
        public void reset(DataObject nothing) { value = DataObject.newUInteger32Data(0); }
    }

    /** A text to be set, long enough for blocks. */
    @CosemClass(id = 1)
    public static class Note extends CosemSnInterfaceObject {
        @CosemAttribute(id = 2, snOffset = 0x08, type = Type.OCTET_STRING, accessMode = AttributeAccessMode.READ_AND_WRITE)
        private DataObject value = DataObject.newOctetStringData(new byte[] {1, 2, 3});

        public Note() { super(0x2200, "0.0.96.1.9.255"); }
        public DataObject getValue() { return value; }
        public void setValue(DataObject next) { value = next; }
    }

    @CosemClass(id = 70)
    public static class Switch extends CosemSnInterfaceObject {
        @CosemAttribute(id = 2, snOffset = 0x08, type = Type.BOOLEAN, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject outputState = DataObject.newBoolData(true);
        @CosemAttribute(id = 3, snOffset = 0x10, type = Type.ENUMERATE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject controlState = DataObject.newEnumerateData(1);
        @CosemAttribute(id = 4, snOffset = 0x18, type = Type.ENUMERATE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject controlMode = DataObject.newEnumerateData(4);

        public Switch() { super(0x2300, "0.0.96.3.10.255"); }
        public DataObject getOutputState() { return outputState; }
        public DataObject getControlState() { return controlState; }
        public DataObject getControlMode() { return controlMode; }

        @CosemMethod(id = 1, snOffset = 0x20, consumes = Type.INTEGER)
        public void remoteDisconnect(DataObject nothing) { turn(false); }
        @CosemMethod(id = 2, snOffset = 0x28, consumes = Type.INTEGER)
        public void remoteReconnect(DataObject nothing) { turn(true); }

        private void turn(boolean on) {
            outputState = DataObject.newBoolData(on);
            controlState = DataObject.newEnumerateData(on ? 1 : 0);
        }
    }

    @CosemClass(id = 7, version = 1)
    public static class Profile extends CosemSnInterfaceObject {
        @CosemAttribute(id = 2, snOffset = 0x08, type = Type.ARRAY, accessMode = AttributeAccessMode.READ_ONLY, selector = {1, 2})
        private DataObject buffer;
        @CosemAttribute(id = 3, snOffset = 0x10, type = Type.ARRAY, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject captureObjects = DataObject.newArrayData(List.of(
                column(8, "0000010000FF"), column(3, "01000F0800FF")));
        @CosemAttribute(id = 4, snOffset = 0x18, type = Type.DOUBLE_LONG_UNSIGNED, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject capturePeriod = DataObject.newUInteger32Data(900);
        @CosemAttribute(id = 5, snOffset = 0x20, type = Type.ENUMERATE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject sortMethod = DataObject.newEnumerateData(1);
        @CosemAttribute(id = 6, snOffset = 0x28, type = Type.STRUCTURE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject sortObject = column(8, "0000010000FF");
        @CosemAttribute(id = 7, snOffset = 0x30, type = Type.DOUBLE_LONG_UNSIGNED, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject entriesInUse = DataObject.newUInteger32Data(ROWS);
        @CosemAttribute(id = 8, snOffset = 0x38, type = Type.DOUBLE_LONG_UNSIGNED, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject profileEntries = DataObject.newUInteger32Data(ROWS);

        public Profile() { super(0x2400, "1.0.99.1.0.255"); }

        public DataObject getBuffer(SelectiveAccessDescription selection) {
            int from = 1;
            int to = ROWS;
            if (selection != null && selection.getAccessSelector() == 2) {
                List<DataObject> parameters = selection.getAccessParameter().getValue();
                from = ((Number) parameters.get(0).getValue()).intValue();
                to = ((Number) parameters.get(1).getValue()).intValue();
                if (to == 0) to = ROWS;
            }
            List<DataObject> rows = new ArrayList<>();
            for (int i = 1; i <= ROWS; i++) {
                boolean wanted = i >= from && i <= to;
                if (selection != null && selection.getAccessSelector() == 1) {
                    List<DataObject> parameters = selection.getAccessParameter().getValue();
                    wanted = compare(time(i), octets(parameters.get(1))) >= 0 && compare(time(i), octets(parameters.get(2))) <= 0;
                }
                if (wanted) rows.add(DataObject.newStructureData(DataObject.newOctetStringData(time(i)), DataObject.newUInteger32Data(1000L + 7L * i)));
            }
            return DataObject.newArrayData(rows);
        }
        public DataObject getCaptureObjects() { return captureObjects; }
        public DataObject getCapturePeriod() { return capturePeriod; }
        public DataObject getSortMethod() { return sortMethod; }
        public DataObject getSortObject() { return sortObject; }
        public DataObject getEntriesInUse() { return entriesInUse; }
        public DataObject getProfileEntries() { return profileEntries; }

        private static byte[] octets(DataObject data) {
            return data.isByteArray() ? data.getValue() : ((org.openmuc.jdlms.datatypes.CosemDateTime) data.getValue()).encode();
        }
        /** Year to minute, day of week aside. */
        private static int compare(byte[] a, byte[] b) {
            for (int i : new int[] {0, 1, 2, 3, 5, 6}) {
                int difference = (a[i] & 0xFF) - (b[i] & 0xFF);
                if (difference != 0) return difference;
            }
            return 0;
        }
        private static DataObject column(int classId, String name) {
            return DataObject.newStructureData(DataObject.newUInteger16Data(classId), DataObject.newOctetStringData(hex(name)),
                    DataObject.newInteger8Data((byte) 2), DataObject.newUInteger16Data(0));
        }
    }
}
