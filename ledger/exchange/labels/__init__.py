"""Labels of batches: printed with a QR code, and read again from a picture.

    link      the web address that a label carries, and what it says when it comes back
    content   what stands on a label: only what may be public
    symbol    the QR code, and whether it is large enough to be read
    layout    where everything stands, in mm
    svg       one label as a drawing
    sheet     many labels on A4 as a PDF, with cut marks
    picture   a photograph → the texts of the codes in it
    reading   such a text → GTIN, lot, serial, expiry, batch
    known     that → the batches of a ledger it may mean

The page behind the address is the web's, what the ledger knows of a batch is `ledger.custody`'s.
"""
