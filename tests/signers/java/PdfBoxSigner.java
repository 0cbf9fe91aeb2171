import java.awt.geom.Rectangle2D;
import org.apache.pdfbox.examples.signature.CreateSignature;
import org.apache.pdfbox.examples.signature.CreateSignedTimeStamp;
import org.apache.pdfbox.examples.signature.CreateVisibleSignature2;
import org.apache.pdfbox.examples.signature.validation.AddValidationInformation;

/** Apache PDFBox, by the programs of its own examples, as most users of it do. */
final class PdfBoxSigner {
    private PdfBoxSigner() {}

    static boolean carryOut(Order order) throws Exception {
        switch (order.action()) {
            case "sign" -> new CreateSignature(order.store(), order.pin()).signDetached(order.in(), order.out(), order.tsa());
            case "sign-visible" -> new CreateVisibleSignature2(order.store(), order.pin()).signPDF(order.in(), order.out(),
                new Rectangle2D.Float(order.left(), 760, 150, 50), order.tsa(), order.field());
            case "time-stamp" -> new CreateSignedTimeStamp(order.tsa()).signDetached(order.in(), order.out());
            case "validation-data" -> new AddValidationInformation().validateSignature(order.in(), order.out());
            default -> throw new IllegalArgumentException(order.action());
        }
        return true;
    }
}
