import com.itextpdf.kernel.geom.Rectangle;
import com.itextpdf.kernel.pdf.PdfDocument;
import com.itextpdf.kernel.pdf.PdfReader;
import com.itextpdf.kernel.pdf.PdfWriter;
import com.itextpdf.kernel.pdf.StampingProperties;
import com.itextpdf.signatures.BouncyCastleDigest;
import com.itextpdf.signatures.CrlClientOnline;
import com.itextpdf.signatures.ITSAClient;
import com.itextpdf.signatures.LtvVerification;
import com.itextpdf.signatures.OcspClientBouncyCastle;
import com.itextpdf.signatures.PdfSigner;
import com.itextpdf.signatures.PrivateKeySignature;
import com.itextpdf.signatures.SignatureUtil;
import com.itextpdf.signatures.SignerProperties;
import com.itextpdf.signatures.TSAClientBouncyCastle;
import java.io.FileOutputStream;

/** iText 9, as its signing examples do it. */
final class ITextSigner {
    private ITextSigner() {}

    static boolean carryOut(Order order) throws Exception {
        if (order.action().equals("validation-data")) {
            return validationData(order);
        }
        var reader = new PdfReader(order.in().getPath());
        try (var out = new FileOutputStream(order.out())) {
            var signer = new PdfSigner(reader, out, new StampingProperties().useAppendMode());
            ITSAClient tsa = new TSAClientBouncyCastle(order.tsa());
            if (order.action().equals("time-stamp")) {
                signer.timestamp(tsa, order.field());
                return true;
            }
            var properties = new SignerProperties().setFieldName(order.field());
            if (order.visible()) {
                properties.setPageNumber(1).setPageRect(new Rectangle(order.left(), 20, 150, 50));
                properties.setReason("Ký duyệt").setLocation("Lai Châu");
            }
            signer.setSignerProperties(properties);
            var key = new PrivateKeySignature(order.privateKey(), "SHA-256", "BC");
            signer.signDetached(new BouncyCastleDigest(), key, wrapped(order), null, null, tsa, 0,
                PdfSigner.CryptoStandard.CADES);
        }
        return true;
    }


    private static java.security.cert.Certificate[] wrapped(Order order) throws Exception {
        return order.chain();
    }

    private static boolean validationData(Order order) throws Exception {
        try (var document = new PdfDocument(new PdfReader(order.in().getPath()), new PdfWriter(order.out().getPath()),
            new StampingProperties().useAppendMode())) {
            var verification = new LtvVerification(document);
            var names = new SignatureUtil(document).getSignatureNames();
            verification.addVerification(names.get(names.size() - 1), new OcspClientBouncyCastle(),
                new CrlClientOnline(), LtvVerification.CertificateOption.WHOLE_CHAIN, LtvVerification.Level.OCSP_CRL,
                LtvVerification.CertificateInclusion.YES);
            verification.merge();
        }
        return true;
    }
}
