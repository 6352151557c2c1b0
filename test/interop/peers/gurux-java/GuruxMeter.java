// SPDX-License-Identifier: GPL-2.0-only
// A meter made of Gurux's Java library, for interoperability tests; not part of the npm package.
// Usage: java -cp ... GuruxMeter   says on which ports it listens, and ends when its input does.
// What it holds is told in ../../support/peer-meter.ts.
import gurux.dlms.GXDLMSConnectionEventArgs;
import gurux.dlms.GXDateTime;
import gurux.dlms.GXServerReply;
import gurux.dlms.ValueEventArgs;
import gurux.dlms.asn.GXAsn1Converter;
import gurux.dlms.enums.AccessMode;
import gurux.dlms.enums.Authentication;
import gurux.dlms.enums.Conformance;
import gurux.dlms.enums.DataType;
import gurux.dlms.enums.ErrorCode;
import gurux.dlms.enums.InterfaceType;
import gurux.dlms.enums.MethodAccessMode;
import gurux.dlms.enums.ObjectType;
import gurux.dlms.enums.SourceDiagnostic;
import gurux.dlms.enums.Unit;
import gurux.dlms.objects.GXDLMSAssociationLogicalName;
import gurux.dlms.objects.GXDLMSAssociationShortName;
import gurux.dlms.objects.GXDLMSClock;
import gurux.dlms.objects.GXDLMSData;
import gurux.dlms.objects.GXDLMSDisconnectControl;
import gurux.dlms.objects.GXDLMSHdlcSetup;
import gurux.dlms.objects.GXDLMSObject;
import gurux.dlms.objects.GXDLMSProfileGeneric;
import gurux.dlms.objects.GXDLMSRegister;
import gurux.dlms.objects.GXDLMSSecuritySetup;
import gurux.dlms.objects.GXDLMSTcpUdpSetup;
import gurux.dlms.objects.enums.ControlMode;
import gurux.dlms.objects.enums.ControlState;
import gurux.dlms.objects.enums.SecuritySuite;
import gurux.dlms.objects.enums.SortMethod;
import gurux.dlms.secure.GXDLMSSecureServer2;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;

public class GuruxMeter extends GXDLMSSecureServer2 {
    static final int ROWS = 480;

    private final GXDLMSRegister energy = new GXDLMSRegister("1.0.15.8.0.255");
    private final GXDLMSData note = new GXDLMSData("0.0.96.1.9.255");
    private final GXDLMSDisconnectControl output = new GXDLMSDisconnectControl("0.0.96.3.10.255");

    /** Clients by their address, each with its mechanism. */
    static final Map<Integer, Authentication> CLIENTS = Map.of(16, Authentication.NONE, 2, Authentication.LOW, 1, Authentication.HIGH_GMAC,
            103, Authentication.HIGH_MD5, 104, Authentication.HIGH_SHA1, 106, Authentication.HIGH_SHA256, 107, Authentication.HIGH_ECDSA);
    static final byte[] PASSWORD = "12345678".getBytes(StandardCharsets.US_ASCII);
    static final byte[] SECRET = "a shared secret!".getBytes(StandardCharsets.US_ASCII);

    static final String PRIVATE_KEY = "E6ED9F1FE705AAABF3E93FAE5D4CFB787BEF158CFEEDAEF289DAFEDECD4F123B";
    static final String CLIENT_PUBLIC_KEY = "87F30369FC9CCD8DDED647B927D390616CD463F429B9AC54D63DF3C44DEB0410"
            + "206F5913723EDEE5AABC7518193480118A1572D15E40CDB4FA5E5F0692573346";

    public static void main(String[] args) throws Exception {
        StringBuilder ports = new StringBuilder("listening {");
        for (String variant : List.of("ln", "gbt", "sn", "suite1", "suite2")) {
            ports.append(ports.indexOf("}") < 0 ? "" : ",").append(String.format("\"%s\":{\"hdlc\":%d,\"wrapper\":%d}", variant,
                    listen(meter(variant, InterfaceType.HDLC)), listen(meter(variant, InterfaceType.WRAPPER))));
        }
        System.out.println(ports.append('}'));
        System.in.read();
        System.exit(0);
    }

    /** A meter by logical names (`ln`, `gbt` with general blocks, `suite1` and `suite2` with keys of these) or short names (`sn`). */
    static GuruxMeter meter(String variant, InterfaceType type) throws Exception {
        GuruxMeter meter;
        if (variant.equals("sn")) {
            GXDLMSAssociationShortName association = new GXDLMSAssociationShortName();
            association.setSecret(SECRET);
            meter = type == InterfaceType.HDLC ? new GuruxMeter(association, new GXDLMSHdlcSetup()) : new GuruxMeter(association, new GXDLMSTcpUdpSetup());
        } else {
            GXDLMSAssociationLogicalName association = new GXDLMSAssociationLogicalName("0.0.40.0.0.255");
            meter = type == InterfaceType.HDLC ? new GuruxMeter(association, new GXDLMSHdlcSetup()) : new GuruxMeter(association, new GXDLMSTcpUdpSetup());
        }
        if (variant.equals("sn")) meter.getConformance().add(Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE);
        if (variant.equals("gbt")) meter.getConformance().add(Conformance.GENERAL_BLOCK_TRANSFER);
        if (variant.equals("suite1")) meter.getCiphering().setSecuritySuite(SecuritySuite.SUITE_1);
        if (variant.equals("suite2")) meter.getCiphering().setSecuritySuite(SecuritySuite.SUITE_2);
        meter.fill();
        return meter;
    }

    GuruxMeter(GXDLMSAssociationLogicalName association, GXDLMSHdlcSetup setup) { super(association, setup); }
    GuruxMeter(GXDLMSAssociationLogicalName association, GXDLMSTcpUdpSetup setup) { super(association, setup); }
    GuruxMeter(GXDLMSAssociationShortName association, GXDLMSHdlcSetup setup) { super(association, setup); }
    GuruxMeter(GXDLMSAssociationShortName association, GXDLMSTcpUdpSetup setup) { super(association, setup); }

    private void fill() throws Exception {
        setMaxReceivePDUSize(1024);
        getCiphering().setSystemTitle(HexFormat.of().parseHex("4752580000000001"));
        int length = getCiphering().getSecuritySuite() == SecuritySuite.SUITE_2 ? 32 : 16;
        getCiphering().setBlockCipherKey(rising(0, length));
        getCiphering().setAuthenticationKey(rising(0xD0, length));

        // The library takes the public key of this pair for the client's.
        getCiphering().setSigningKeyPair(new KeyPair(GXAsn1Converter.getPublicKey(HexFormat.of().parseHex(CLIENT_PUBLIC_KEY)),
                GXAsn1Converter.getPrivateKey(HexFormat.of().parseHex(PRIVATE_KEY))));

        // In key agreement it looks for the client's signature key here.
        getCiphering().setKeyAgreementKeyPair(new KeyPair(GXAsn1Converter.getPublicKey(HexFormat.of().parseHex(CLIENT_PUBLIC_KEY)),
                GXAsn1Converter.getPrivateKey(HexFormat.of().parseHex(PRIVATE_KEY))));

        GXDLMSClock clock = new GXDLMSClock("0.0.1.0.0.255");
        clock.setTime(time(40));
        energy.setValue(4_294_967_295L);
        energy.setDataType(2, DataType.UINT32);
        energy.setScaler(0.1);
        energy.setUnit(Unit.ACTIVE_ENERGY);
        note.setValue(new byte[] {1, 2, 3});
        note.setDataType(2, DataType.OCTET_STRING);
        output.setOutputState(true);
        output.setControlState(ControlState.CONNECTED);
        output.setControlMode(ControlMode.MODE_4);
        GXDLMSProfileGeneric profile = new GXDLMSProfileGeneric("1.0.99.1.0.255");
        profile.addCaptureObject(clock, 2, 0);
        profile.addCaptureObject(energy, 2, 0);
        profile.setSortMethod(SortMethod.FIFO);
        profile.setSortObject(clock);
        for (int i = 1; i <= ROWS; i++) profile.addRow(new Object[] {time(i), 1000L + 7L * i});
        profile.setEntriesInUse(ROWS);
        profile.setProfileEntries(ROWS);
        getItems().add(clock);
        getItems().add(energy);
        getItems().add(note);
        getItems().add(output);
        getItems().add(profile);
        setKek(rising(0x50, length));
        getItems().add(new GXDLMSSecuritySetup("0.0.43.0.0.255"));
        initialize();
        // Set before, it makes the library capture a row of its own at once.
        profile.setCapturePeriod(900);
    }

    static byte[] rising(int first, int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) octets[i] = (byte) (first + i);
        return octets;
    }

    /** 2026-01-01 00:00 Central European Time, and quarters of an hour from there. */
    static GXDateTime time(int quarter) {
        Calendar calendar = Calendar.getInstance(TimeZone.getTimeZone("GMT+1"));
        calendar.clear();
        calendar.set(2026, Calendar.JANUARY, 1, 0, 15 * quarter, 0);
        return new GXDateTime(calendar);
    }

    static int listen(GuruxMeter meter) throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    meter.serve(socket);
                } catch (Exception error) {
                    error.printStackTrace();
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private void serve(Socket socket) throws Exception {
        reset();
        InputStream input = socket.getInputStream();
        byte[] octets = new byte[4096];
        for (int length = input.read(octets); length > 0; length = input.read(octets)) {
            GXServerReply reply = new GXServerReply(Arrays.copyOf(octets, length));
            do {
                handleRequest(reply);
                // With short names the library ciphers every answer under the same counter.
                if (!getUseLogicalNameReferencing()) getCiphering().setInvocationCounter(getCiphering().getInvocationCounter() + 1);
                if (reply.getReply() != null) socket.getOutputStream().write(reply.getReply());
                reply.setData(null);
            } while (reply.isStreaming());
        }
    }

    @Override
    protected boolean isTarget(int server, int client) {
        // The library draws 16 octets for ECDSA too, which has 32 at least.
        getSettings().setChallengeSize((byte) (CLIENTS.get(client) == Authentication.HIGH_ECDSA ? 32 : 16));
        return CLIENTS.containsKey(client);
    }

    @Override
    protected SourceDiagnostic onValidateAuthentication(Authentication authentication, byte[] password) {
        // With ECDSA the library signs the secret of the other mechanisms too, where it has one.
        byte[] secret = authentication == Authentication.HIGH_ECDSA ? new byte[0] : SECRET;
        if (getItems().get(0) instanceof GXDLMSAssociationLogicalName) ((GXDLMSAssociationLogicalName) getItems().get(0)).setSecret(secret);
        boolean known = authentication == CLIENTS.get(getSettings().getClientAddress())
                && (authentication != Authentication.LOW || Arrays.equals(password, PASSWORD));
        return known ? SourceDiagnostic.NONE : SourceDiagnostic.AUTHENTICATION_FAILURE;
    }

    @Override
    protected AccessMode onGetAttributeAccess(ValueEventArgs e) {
        return e.getTarget() == note && e.getIndex() == 2 ? AccessMode.READ_WRITE : AccessMode.READ;
    }

    @Override
    protected MethodAccessMode onGetMethodAccess(ValueEventArgs e) {
        return MethodAccessMode.ACCESS;
    }

    @Override
    protected GXDLMSObject onFindObject(ObjectType type, int shortName, String logicalName) {
        return null;
    }

    /** The library leaves what the switch does to whoever makes a meter of it. */
    @Override
    protected void onPreAction(ValueEventArgs[] args) {
        for (ValueEventArgs e : args) {
            if (e.getTarget() != output) continue;
            output.setOutputState(e.getIndex() == 2);
            output.setControlState(e.getIndex() == 2 ? ControlState.CONNECTED : ControlState.DISCONNECTED);
            e.setHandled(true);
        }
    }

    /** Methods that are invoked by Read come here. */
    @Override
    public void onPreRead(ValueEventArgs[] args) {
        for (ValueEventArgs e : args) if (e.isAction()) onPreAction(new ValueEventArgs[] {e});
    }

    @Override public void onPreGet(ValueEventArgs[] args) {}
    @Override public void onPostGet(ValueEventArgs[] args) {}
    @Override public void onPostRead(ValueEventArgs[] args) {}
    @Override protected void onPreWrite(ValueEventArgs[] args) {}
    @Override protected void onPostWrite(ValueEventArgs[] args) {}
    @Override protected void onPostAction(ValueEventArgs[] args) {}
    @Override protected void onConnected(GXDLMSConnectionEventArgs e) {}
    @Override protected void onInvalidConnection(GXDLMSConnectionEventArgs e) {}
    @Override protected void onDisconnected(GXDLMSConnectionEventArgs e) {}
}
