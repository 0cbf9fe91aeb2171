"""What a forger's update may hold: fields, appearances, annotations, pages and their tree, the catalog, made otherwise.

Each takes the update of an honest step (which may be signed by somebody with a key) and puts one more thing into it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from tests.fuzz.pdf_syntax import Body, Ref, Value, numbers, stream
from tests.fuzz.updates import Base, Update, free_number

Forgery = Callable[[Base, Update, random.Random], Update]

EVIL = b"1 1 1 rg 0 0 320 240 re f 0 g BT /F1 30 Tf 20 150 Td (9.000.000 Dat cho B) Tj ET"
"""Draws over the page another amount."""
_SUBTYPES = (
    b"/FreeText", b"/Stamp", b"/Square", b"/Highlight", b"/Ink", b"/Link", b"/Widget", b"/Watermark", b"/Text",
    b"/Redact", b"/Screen", b"/Popup", b"/3D", b"/PrinterMark", b"/TrapNet", b"/Polygon", b"/Line", b"/Unknown",
)  # fmt: skip
_FIELD_TYPES = (b"/Btn", b"/Tx", b"/Ch", b"/Sig", b"/sig", b"/Unknown", None)
_FLAGS = (0, 1, 2, 4, 6, 32, 36, 64, 132, 260, 516, 1028)


def body_of(base: Base, update: Update, number: int) -> Body:
    """An object as the update leaves it."""
    return update.objects.get(number, base.objects.get(number, Body(b"null")))


def of_type(base: Base, update: Update, key: bytes, value: bytes) -> list[int]:
    """Numbers of the dictionaries that have this entry."""
    every = {**base.objects, **update.objects}
    return sorted(number for number, body in every.items() if body.dictionary.get(key) == value)


def pages(base: Base, update: Update) -> list[int]:
    """Numbers of the pages; those of the signed file where a forgery made none of them one."""
    return of_type(base, update, b"/Type", b"/Page") or of_type(base, Update({}, {}), b"/Type", b"/Page")


def widgets(base: Base, update: Update) -> list[int]:
    """Numbers of the widgets."""
    return of_type(base, update, b"/Subtype", b"/Widget")


def new_signature_fields(base: Base, update: Update) -> list[int]:
    """Widgets that the update adds or signs."""
    return [number for number in widgets(base, update) if number in update.objects]


def resources(base: Base, update: Update) -> Value:
    """Resources with a font F1, as the pages have them."""
    for number in pages(base, update):
        found = body_of(base, update, number).dictionary.get(b"/Resources")
        if found is not None:
            return found
    return {}


def added(base: Base, update: Update, body: Body) -> tuple[Update, Ref]:
    """The update with one more object."""
    number = free_number(base, update)
    return update.with_objects({number: body}), Ref(number)


def changed(base: Base, update: Update, number: int, **entries: Value | None) -> Update:
    """The update with entries of an object set (or taken out, None)."""
    return update.with_objects({number: body_of(base, update, number).having(**entries)})


def _evil_form(base: Base, update: Update, **entries: Value) -> tuple[Update, Ref]:
    values: dict[str, Value] = {
        "Type": b"/XObject", "Subtype": b"/Form", "BBox": numbers(0, 0, 320, 240),
        "Resources": resources(base, update), **entries,
    }  # fmt: skip
    return added(base, update, stream(EVIL, False, **values))


def contents_replaced(base: Base, update: Update, chance: random.Random) -> Update:
    """A page's content becomes another."""
    update, ref = added(base, update, stream(EVIL, chance.random() < 0.5))
    return changed(base, update, chance.choice(pages(base, update)), Contents=ref)


def contents_appended(base: Base, update: Update, chance: random.Random) -> Update:
    """A stream more after or before a page's own."""
    page = chance.choice(pages(base, update))
    old = body_of(base, update, page).dictionary.get(b"/Contents", [])
    update, ref = added(base, update, stream(b" q 1 0 0 1 0 0 cm " + EVIL + b" Q "))
    items: list[Value] = [*old] if isinstance(old, list) else [old]
    return changed(base, update, page, Contents=chance.choice([[*items, ref], [ref, *items], [*items, ref, ref]]))


def content_object_rewritten(base: Base, update: Update, _: random.Random) -> Update:
    """The stream object of a signed page itself."""
    for page in pages(base, update):
        ref = body_of(base, update, page).dictionary.get(b"/Contents")
        if isinstance(ref, Ref):
            return update.with_objects({ref.number: stream(EVIL)})
    return update


def page_entry(base: Base, update: Update, chance: random.Random) -> Update:
    """One entry of a page: boxes, rotation, resources, annotations, unit, group, tabs."""
    entries: dict[str, Value | None] = {
        "MediaBox": numbers(0, 0, 320, chance.choice((120, 239, 241))), "CropBox": numbers(0, 100, 320, 240),
        "Rotate": chance.choice((b"90", b"180", b"0", b"450")), "UserUnit": b"2", "Annots": None,
        "Resources": {b"/Font": {}}, "Tabs": b"/S", "Group": {b"/S": b"/Transparency", b"/CS": b"/DeviceCMYK"},
        "Contents": None, "Type": chance.choice((None, b"/Pages", b"/Template")), "Parent": None,
        "BoxColorInfo": {}, "AA": {}, "TrimBox": numbers(0, 0, 100, 100), "Dur": b"1",
    }  # fmt: skip
    key = chance.choice(sorted(entries))
    return changed(base, update, chance.choice(pages(base, update)), **{key: entries[key]})


def resource_redirected(base: Base, update: Update, chance: random.Random) -> Update:
    """The font or the form that a page draws with is another."""
    page = chance.choice(pages(base, update))
    font: dict[bytes, Value] = {
        b"/Type": b"/Font", b"/Subtype": b"/Type1", b"/BaseFont": chance.choice((b"/Symbol", b"/Courier-Bold")),
        b"/Encoding": {b"/Differences": [b"49", b"/nine", b"/nine"]},
    }  # fmt: skip
    update, ref = added(base, update, Body(font))
    update, form = _evil_form(base, update)
    return changed(base, update, page, Resources={b"/Font": {b"/F1": ref}, b"/XObject": {b"/M": form}})


def shared_object_rewritten(base: Base, update: Update, chance: random.Random) -> Update:
    """A font or a form of the signed file, under its own number, with something else in it."""
    fonts = of_type(base, update, b"/Type", b"/Font")
    forms = of_type(base, update, b"/Subtype", b"/Form")
    if forms and chance.random() < 0.5:
        number = chance.choice(forms)
        body = body_of(base, update, number)
        keys: dict[str, Value] = {
            "Matrix": [b"5", b"0", b"0", b"5", b"-40", b"-40"], "BBox": numbers(0, 0, 400, 400), "OC": Ref(1),
        }  # fmt: skip
        key = chance.choice([*sorted(keys), "content"])
        new = Body(body.value, EVIL) if key == "content" else body.having(**{key: keys[key]})
        return update.with_objects({number: new.having(Length=b"%d" % len(new.stream or b""), Filter=None)})
    if not fonts:
        return update
    differences: Value = {b"/Differences": [b"48", b"/nine", b"/eight", b"/seven"]}
    return changed(base, update, chance.choice(fonts), Encoding=differences)


def annotation_added(base: Base, update: Update, chance: random.Random) -> Update:
    """An annotation of any kind, with or without an appearance, on a page that had others or none."""
    page = chance.choice(pages(base, update))
    update, form = _evil_form(base, update)
    entries: dict[bytes, Value] = {
        b"/Type": b"/Annot", b"/Subtype": chance.choice(_SUBTYPES), b"/Rect": _rectangle(chance),
        b"/F": b"%d" % chance.choice(_FLAGS), b"/Contents": b"(9.000.000)", b"/DA": b"(/F1 30 Tf 1 0 0 rg)",
        b"/C": numbers(1, 0, 0), b"/IC": numbers(1, 1, 0), b"/BS": {b"/W": b"8"}, b"/Border": numbers(0, 0, 9),
        b"/QuadPoints": numbers(20, 220, 300, 220, 20, 180, 300, 180),
    }  # fmt: skip
    if chance.random() < 0.6:
        entries[b"/AP"] = {chance.choice((b"/N", b"/D", b"/R")): form}
    if entries[b"/Subtype"] == b"/Widget":
        kind = chance.choice(_FIELD_TYPES)
        entries |= {b"/T": b"(Ky9)"} | ({b"/FT": kind} if kind is not None else {})
    update, ref = added(base, update, Body(entries))
    return _with_annotation(base, update, page, ref)


def dead_time_stamp_field(base: Base, update: Update, chance: random.Random) -> Update:
    """A field that shares the new signature's dictionary, and draws (A1: an annotation called a signature)."""
    fields = new_signature_fields(base, update)
    if not fields:
        return update
    value = body_of(base, update, fields[0]).dictionary.get(b"/V")
    update, form = _evil_form(base, update)
    entries: dict[bytes, Value] = {
        b"/Type": b"/Annot", b"/Subtype": chance.choice(_SUBTYPES), b"/FT": b"/Sig", b"/T": b"(Them)",
        b"/Rect": _rectangle(chance), b"/F": b"4", b"/AP": {b"/N": form}, **({b"/V": value} if value else {}),
        b"/DA": b"(/F1 30 Tf 1 0 0 rg)", b"/Contents": b"(9.000.000)",
    }  # fmt: skip
    update, ref = added(base, update, Body(entries))
    update = _with_annotation(base, update, chance.choice(pages(base, update)), ref)
    return _with_field(base, update, ref) if chance.random() < 0.6 else update


def new_field_changed(base: Base, update: Update, chance: random.Random) -> Update:
    """The field of the later signature or filling: its kind, flags, place, appearance, parent, children, value."""
    fields = new_signature_fields(base, update)
    return _field_changed(base, update, chance.choice(fields), chance) if fields else update


def old_field_changed(base: Base, update: Update, chance: random.Random) -> Update:
    """A field of the signed file."""
    fields = [number for number in widgets(base, update) if number in base.objects]
    return _field_changed(base, update, chance.choice(fields), chance) if fields else update


def _field_changed(base: Base, update: Update, number: int, chance: random.Random) -> Update:
    update, form = _evil_form(base, update)
    state: Value = {b"/Co": form, b"/Off": form, b"/Yes": form}
    appearances: list[Value | None] = [
        {b"/N": form}, {b"/N": state}, {b"/D": form}, {b"/N": form, b"/D": form}, None,
    ]  # fmt: skip
    entries: dict[str, Value | None] = {
        "FT": chance.choice(_FIELD_TYPES), "F": b"%d" % chance.choice(_FLAGS), "Rect": _rectangle(chance),
        "AP": chance.choice(appearances),
        "AS": chance.choice((b"/Co", b"/Off", b"/Yes", b"/Missing", None)), "V": chance.choice((b"(9)", b"/Co", None)),
        "Subtype": chance.choice(_SUBTYPES), "Parent": Ref(chance.choice(sorted(base.objects))),
        "Kids": [Ref(chance.choice(sorted(base.objects)))], "Ff": b"%d" % (1 << chance.randrange(27)),
        "MK": {b"/BG": numbers(1, 1, 1), b"/CA": b"(9.000.000)", b"/R": b"90", b"/I": form},
        "DA": b"(/F1 40 Tf 1 0 0 rg)", "Q": b"2", "OC": Ref(1), "BS": {b"/W": b"20"}, "MaxLen": b"1", "DV": b"(9)",
        "RV": b"(<p>9</p>)", "A": {b"/S": b"/JavaScript", b"/JS": b"(x)"}, "P": Ref(1), "T": b"(Ky)", "TU": b"(9)",
    }  # fmt: skip
    for key in chance.sample(sorted(entries), chance.choice((1, 1, 2, 3))):
        update = changed(base, update, number, **{key: entries[key]})
    return update


def form_changed(base: Base, update: Update, chance: random.Random) -> Update:
    """The interactive form: its flags, default resources and appearance, XFA, order of calculation."""
    update, font = added(base, update, Body({b"/Type": b"/Font", b"/Subtype": b"/Type1", b"/BaseFont": b"/Symbol"}))
    update, xfa = added(base, update, stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/></xdp:xdp>"))
    entries: dict[str, Value | None] = {
        "NeedAppearances": b"true", "DR": {b"/Font": {b"/F1": font}}, "DA": b"(/F1 40 Tf 1 0 0 rg)", "XFA": xfa,
        "SigFlags": b"0", "Q": b"2", "CO": [], "Fields": [],
    }  # fmt: skip
    key = chance.choice(sorted(entries))
    form = body_of(base, update, _root(update)).dictionary.get(b"/AcroForm")
    if isinstance(form, Ref):
        return changed(base, update, form.number, **{key: entries[key]})
    inline = {**form, b"/" + key.encode(): entries[key] or b"null"} if isinstance(form, dict) else {}
    return changed(base, update, _root(update), AcroForm=inline)


def page_tree(base: Base, update: Update, chance: random.Random) -> Update:
    """Kids in another order, twice, fewer, more; a count that lies; another tree; a page between."""
    (number, *_) = of_type(base, Update({}, {}), b"/Type", b"/Pages")
    node = body_of(base, update, number)
    kids = node.dictionary.get(b"/Kids")
    items: list[Value] = list(kids) if isinstance(kids, list) else []
    page = body_of(base, update, chance.choice(pages(base, update)))
    update, content = added(base, update, stream(EVIL))
    update, extra = added(base, update, page.having(Contents=content, Parent=Ref(number)))
    choices: list[dict[str, Value | None]] = [
        {"Kids": items[::-1]}, {"Kids": [extra, *items[1:]]},
        {"Kids": [*items, extra], "Count": b"%d" % (len(items) + 1)},
        {"Kids": items + items[:1]}, {"Kids": items[:1], "Count": b"1"}, {"Count": b"%d" % chance.randrange(-2, 9)},
        {"Kids": [*items, extra]}, {"Type": b"/Page"}, {"MediaBox": numbers(0, 0, 200, 200)}, {"Rotate": b"90"},
        {"Resources": {}}, {"Kids": [Ref(number), *items]}, {"Kids": [{**page.dictionary, b"/Contents": content}]},
        {"Kids": [Ref(extra.number, 1), *items]}, {"Count": Ref(number)},
    ]  # fmt: skip
    return changed(base, update, number, **chance.choice(choices))


def catalog_changed(base: Base, update: Update, chance: random.Random) -> Update:
    """Entries of the catalog that change what is shown, or how."""
    update, group = added(base, update, Body({b"/Type": b"/OCG", b"/Name": b"(9)"}))
    update, other = _other_pages(base, update)
    entries: dict[str, Value | None] = {
        "OCProperties": {b"/OCGs": [group], b"/D": {b"/OFF": [group], b"/BaseState": b"/OFF"}}, "Pages": other,
        "OpenAction": {b"/S": b"/JavaScript", b"/JS": b"(x)"}, "Version": b"/2.0", "Lang": b"(vi)",
        "PageMode": b"/UseOC", "Perms": {},
        "Extensions": {b"/ADBE": {b"/BaseVersion": b"/1.7", b"/ExtensionLevel": b"8"}}, "AcroForm": None,
        "ViewerPreferences": {b"/PrintScaling": b"/None"}, "NeedsRendering": b"true", "Names": {}, "AA": {},
        "Collection": {}, "PageLabels": {b"/Nums": [b"0", {b"/S": b"/r"}]}, "Dests": {}, "Type": b"/Pages",
        "OutputIntents": [{b"/S": b"/GTS_PDFA1"}], "Metadata": other, "DSS": {b"/Certs": []}, "MarkInfo": {},
    }  # fmt: skip
    key = chance.choice(sorted(entries))
    return changed(base, update, _root(update), **{key: entries[key]})


def other_root(base: Base, update: Update, chance: random.Random) -> Update:
    """The trailer names another catalog, encryption, or another version of the same."""
    update, other = _other_pages(base, update)
    catalog = body_of(base, update, _root(update)).having(Pages=other)
    update, root = added(base, update, catalog)
    choices: list[dict[bytes, Value]] = [
        {b"/Root": root}, {b"/Encrypt": {b"/Filter": b"/Standard", b"/V": b"1"}}, {b"/Root": Ref(_root(update), 1)},
        {b"/Root": catalog.dictionary}, {b"/Info": root}, {b"/Size": b"3"},
    ]  # fmt: skip
    return replace(update, trailer={**update.trailer, **chance.choice(choices)})


def random_entry(base: Base, update: Update, chance: random.Random) -> Update:
    """Any entry of any signed object becomes that of another, or goes."""
    holders = [number for number, body in base.objects.items() if body.dictionary]
    number = chance.choice(sorted(holders))
    entries = body_of(base, update, number).dictionary
    if not entries:
        return update
    key = chance.choice(sorted(entries))
    values = [v for n in sorted(holders) for k, v in base.objects[n].dictionary.items() if k == key]
    value = chance.choice([*values, None, b"null", b"0", Ref(chance.choice(sorted(base.objects)))])
    return changed(base, update, number, **{key[1:].decode("latin-1"): value})


FORGERIES: tuple[Forgery, ...] = (
    contents_replaced, contents_appended, content_object_rewritten, page_entry, resource_redirected,
    shared_object_rewritten, annotation_added, dead_time_stamp_field, new_field_changed, new_field_changed,
    old_field_changed, form_changed, page_tree, catalog_changed, other_root, random_entry,
)  # fmt: skip


def _other_pages(base: Base, update: Update) -> tuple[Update, Ref]:
    """A page tree of its own with one page that shows something else."""
    page = body_of(base, update, pages(base, update)[0])
    update, content = added(base, update, stream(EVIL))
    number = free_number(base, update)
    update = update.with_objects({number: page.having(Contents=content, Parent=Ref(number + 1), Annots=None)})
    tree: dict[bytes, Value] = {b"/Type": b"/Pages", b"/Kids": [Ref(number)], b"/Count": b"1"}
    return added(base, update, Body(tree))


def _root(update: Update) -> int:
    root = update.trailer.get(b"/Root")
    return root.number if isinstance(root, Ref) else 1


def _rectangle(chance: random.Random) -> Value:
    choices: tuple[list[Value], ...] = (
        numbers(0, 0, 320, 240), numbers(30, 190, 200, 220), numbers(0, 0, 0, 0), numbers(300, 200, 20, 20),
        numbers(10, 10, 10.5, 10.5), [b"4e1", b"0", b"3e2", b"200"], [b"0", b"0", b"--300", b"200"],
    )  # fmt: skip
    return chance.choice(choices)


def _with_annotation(base: Base, update: Update, page: int, ref: Ref) -> Update:
    there = body_of(base, update, page).dictionary.get(b"/Annots")
    if isinstance(there, Ref):
        value = body_of(base, update, there.number).value
        return update.with_objects({there.number: Body([*value, ref] if isinstance(value, list) else [ref])})
    return changed(base, update, page, Annots=[*there, ref] if isinstance(there, list) else [ref])


def _with_field(base: Base, update: Update, ref: Ref) -> Update:
    form = body_of(base, update, _root(update)).dictionary.get(b"/AcroForm")
    if not isinstance(form, Ref):
        return update
    fields = body_of(base, update, form.number).dictionary.get(b"/Fields")
    if isinstance(fields, Ref):
        value = body_of(base, update, fields.number).value
        return update.with_objects({fields.number: Body([*value, ref] if isinstance(value, list) else [ref])})
    return changed(base, update, form.number, Fields=[*fields, ref] if isinstance(fields, list) else [ref])
