#!/usr/bin/env python3
"""Generate the SystemVerilog package, the C header and the reference page from wiretick.rdl.

usage: generate.py [--check]

Writes wt_schema_pkg.sv and README.md beside this file and host/card/wt_schema.h.
--check writes nothing and exits 1 if a committed file differs from what would be written.
Needs systemrdl-compiler (PyPI); the generated files are committed, so a build does not.
"""
import pathlib
import sys
import zlib

from systemrdl import RDLCompiler
from systemrdl.node import RegNode, RegfileNode

SCHEMA_VERSION = 4
HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "wiretick.rdl"
RECORDS = ["ev_bbo", "ev_trade", "ev_state", "ev_system", "ev_symbol", "ev_gap", "ev_session",
           "ev_trades_lost", "of_record", "of_shed", "sym_entry", "chan_entry", "ring_entry", "irq_entry", "msix_entry", "cmd_line"]
ENTRY_BYTES = {"sym_entry": 16, "ring_entry": 32, "irq_entry": 16, "msix_entry": 16}
NOTE = "Generated from hdl/schema/wiretick.rdl by generate.py: do not edit."


class Item:
    """One register of a record or of BAR0, arrays folded into one item."""

    def __init__(self, name, node, offset):
        self.name, self.offset = name, offset
        self.bytes = node.get_property("regwidth") // 8
        self.count = node.array_dimensions[0] if node.is_array else 1
        self.desc = node.get_property("desc")
        fields = list(node.fields())
        self.parts = [f for f in fields if f.inst_name != "v"]
        self.encode = fields[0].get_property("encode") if len(fields) == 1 else None
        self.host_writes = any(f.is_sw_writable for f in fields)

    @property
    def bits(self):
        return self.bytes * 8 * self.count


def items_of(node, prefix="", base=0):
    """Registers below node in address order; a regfile's are prefixed with its name."""
    out = []
    for child in node.children(unroll=False):
        offset = base + child.raw_address_offset
        if isinstance(child, RegNode):
            out.append(Item(prefix + child.inst_name, child, offset))
        elif isinstance(child, RegfileNode):
            out += items_of(child, prefix + child.inst_name + ".", offset)
    return sorted(out, key=lambda i: i.offset)


def load():
    """Elaborate every address map; returns records, BAR0 and the enumerations in source order."""
    def top(name):
        compiler = RDLCompiler()
        compiler.compile_file(str(SOURCE))
        return compiler.elaborate(top_def_name=name).top, compiler

    records = {}
    enums = {}
    for name in RECORDS:
        node, _ = top(name)
        records[name] = (node, items_of(node))
        end = max(i.offset + i.bits // 8 for i in records[name][1])
        want = ENTRY_BYTES.get(name, 64)
        used = sum(i.bits // 8 for i in records[name][1])
        if end != want or used != want:
            sys.exit(f"{SOURCE.name}: {name}: {used} bytes used, end at {end}, must be {want} without holes")
        for item in records[name][1]:
            if item.encode is not None:
                enums.setdefault(item.encode.type_name, item.encode)
    bar0, _ = top("wt_bar0")
    window = [c for c in bar0.children(unroll=False) if not isinstance(c, (RegNode, RegfileNode))]
    return records, (bar0, items_of(bar0)), window, enums


def flat(name):
    return name.replace(".", "_").replace("head_", "")


def short(enum_name):
    return enum_name.removeprefix("wt_").upper()


def gen_sv(records, bar0, windows, enums, digest):
    o = [f"// {NOTE}", "// Layouts of registers, windows and records; byte 0 is bits [7:0].",
         "// verilator lint_off UNUSEDPARAM", "package wt_schema_pkg;", "",
         f"  localparam logic [31:0] SCHEMA_VERSION = 32'd{SCHEMA_VERSION};",
         f"  localparam logic [31:0] SCHEMA_DIGEST = 32'h{digest:08x};",
         "  localparam logic [31:0] MAGIC = 32'h4b435457;", ""]
    for name, e in enums.items():
        o += [f"  localparam logic [7:0] {short(name)}_{m.name} = 8'd{m.value};" for m in e] + [""]
    for i in bar0[1]:
        o.append(f"  localparam int unsigned REG_{i.name.upper()} = 'h{i.offset:03x};")
    o.append("")
    for i in bar0[1]:
        for f in i.parts:
            o.append(f"  localparam int unsigned {i.name.upper()}_{f.inst_name} = {f.lsb};")
    counters = [i for i in bar0[1] if i.name.startswith("cnt_")]
    o += ["", f"  localparam int unsigned CNT_BASE = 'h{counters[0].offset:03x};"]
    o += [f"  localparam int unsigned {i.name.upper()} = {n};" for n, i in enumerate(counters)]
    o += [f"  localparam int unsigned CNT_COUNT = {len(counters)};", ""]
    for w in windows:
        o += [f"  localparam int unsigned WIN_{w.inst_name.upper()} = 'h{w.raw_address_offset:x};",
              f"  localparam int unsigned WIN_{w.inst_name.upper()}_STRIDE = {w.array_stride};", ""]
    seen = set()
    for name, (_, items) in records.items():
        for i in items:
            for f in i.parts:
                base = flat(i.name).upper() if i.name.startswith("head.") else f"{name}_{i.name}".upper()
                base = {"FLAGS": "EVF", "STAMP": "EVT", "OF_RECORD_FLAGS": "OFF"}.get(base, base)
                key = f"{base}_{f.inst_name}"
                if key in seen or base == "EVT":
                    continue
                seen.add(key)
                o.append(f"  localparam int unsigned {key} = {f.lsb};")
    o.append("")
    for name, (node, items) in records.items():
        o += [f"  // {node.get_property('name')}: {node.get_property('desc')}", "  typedef struct packed {"]
        for i in reversed(items):
            o.append(f"    logic [{i.bits - 1}:0] {flat(i.name)};")
        o += [f"  }} {name}_t;", ""]
    o += ["endpackage", "// verilator lint_on UNUSEDPARAM", ""]
    return "\n".join(o)



CTYPE = {1: "uint8_t", 2: "uint16_t", 4: "uint32_t", 8: "uint64_t"}


def c_struct(o, name, lead, items, size, desc):
    """Append struct wt_NAME with lead lines before its items, and the assertions on its layout."""
    o += [f"/** {desc} */", f"struct wt_{name} {{", *lead]
    for i in items:
        dim = f"[{i.count}]" if i.count > 1 else ""
        o.append(f"    {CTYPE[i.bytes]} {i.name.removeprefix('head.')}{dim}; /**< {i.desc} */")
    o += ["};"]
    for i in items:
        field = i.name.removeprefix("head.")
        o.append(f"_Static_assert(offsetof(struct wt_{name}, {field}) == {i.offset}, \"{name}.{field}\");")
    o += [f"_Static_assert(sizeof(struct wt_{name}) == {size}, \"{name}\");", ""]


def gen_c(records, bar0, windows, enums, digest):
    o = [f"/* {NOTE} */", "/* clang-format off */", "#ifndef WT_SCHEMA_H", "#define WT_SCHEMA_H", "",
         "#include <stddef.h>", "#include <stdint.h>", "",
         f"#define WT_SCHEMA_VERSION {SCHEMA_VERSION}u", f"#define WT_SCHEMA_DIGEST 0x{digest:08x}u",
         "#define WT_MAGIC 0x4b435457u /* 'WTCK' */", ""]
    for name, e in enums.items():
        o.append(f"enum {name} {{")
        for m in e:
            o.append(f"    WT_{short(name)}_{m.name} = {m.value}, /**< {m.rdl_desc or ''} */")
        o += ["};", ""]
    o.append("/* BAR0 register offsets, bytes */")
    for i in bar0[1]:
        o.append(f"#define WT_REG_{i.name.upper()} 0x{i.offset:03x}u /**< {i.desc} */")
    o.append("")
    for i in bar0[1]:
        for f in i.parts:
            o.append(f"#define WT_{i.name.upper()}_{f.inst_name} (1u << {f.lsb}) /**< {f.get_property('desc')} */")
    o.append("")
    counters = [i for i in bar0[1] if i.name.startswith("cnt_")]
    o += ["/* Counters: X(name, offset, description) */", "#define WT_COUNTERS(X) \\"]
    o += [f"    X({i.name[4:]}, 0x{i.offset:03x}u, \"{i.desc}\") \\" for i in counters]
    o += ["", ""]
    for w in windows:
        u = w.inst_name.upper()
        o += [f"#define WT_WIN_{u} 0x{w.raw_address_offset:x}u", f"#define WT_WIN_{u}_STRIDE {w.array_stride}u",
              f"#define WT_WIN_{u}_MAX {w.array_dimensions[0]}u", ""]
    o += [f"#define WT_BAR0_SIZE 0x{0x8000:x}u", ""]
    head = [i for i in records["ev_bbo"][1] if i.name.startswith("head.")]
    for i in head + records["of_record"][1]:
        prefix = {"head.flags": "EVF", "flags": "OFF"}.get(i.name)
        for f in i.parts if prefix else []:
            value = f"0x{(1 << f.width) - 1:x}u" if f.width > 1 else f"(1u << {f.lsb})"
            o.append(f"#define WT_{prefix}_{f.inst_name} {value} /**< {f.get_property('desc')} */")
    o.append("")
    c_struct(o, "ev_head", [], head, 32, "First 32 bytes of every event record.")
    for name, (node, items) in records.items():
        lead = ["    struct wt_ev_head head;"] if name.startswith("ev_") else []
        body = [i for i in items if not i.name.startswith("head.")]
        c_struct(o, name, lead, body, ENTRY_BYTES.get(name, 64),
                 f"{node.get_property('name')}: {node.get_property('desc')}")
    o += ["/** Event record: a union by head.type. */", "union wt_event_record {", "    struct wt_ev_head head;"]
    o += [f"    struct wt_{n} {n[3:]};" for n in records if n.startswith("ev_")]
    o += ["    uint32_t word[16]; /**< word[15] is lap in every type. */", "};",
          "_Static_assert(sizeof(union wt_event_record) == 64, \"event record\");", "",
          "/** Exchange timestamp of an event record, ns since midnight. */",
          "static inline uint64_t wt_ev_exch_ns(const struct wt_ev_head *h) { return h->stamp & 0xffffffffffffu; }",
          "/** Cycles an event record spent in the card. */",
          "static inline uint32_t wt_ev_cycles(const struct wt_ev_head *h) { return (uint32_t)(h->stamp >> 48); }",
          "", "#endif", ""]
    return "\n".join(o)


def gen_md(records, bar0, windows, enums):
    o = ["# Registers and records", "", f"{NOTE} All values are little-endian. `generate.py --check` tells whether the",
         "committed package, header and this page still follow from the description.", "",
         f"Schema version {SCHEMA_VERSION}.", "", f"## {bar0[0].get_property('name')}", "", bar0[0].get_property("desc"), "",
         "| offset | register | bytes | written by | meaning |", "|--:|---|--:|---|---|"]
    for i in bar0[1]:
        parts = "".join(f"<br>bit {f.lsb} {f.inst_name}: {f.get_property('desc')}" for f in i.parts)
        o.append(f"| 0x{i.offset:03X} | {i.name} | {i.bytes} | {'host' if i.host_writes else 'card'} | {i.desc}{parts} |")
    for w in windows:
        o.append(f"| 0x{w.raw_address_offset:X} | {w.inst_name}[{w.array_dimensions[0]}] | {w.array_stride} each | host | {w.get_property('name').lower()}: see below |")
    for name, (node, items) in records.items():
        o += ["", f"## {node.get_property('name')}", "", f"`{name}`. {node.get_property('desc')}", "",
              "| offset | field | bytes | meaning |", "|--:|---|--:|---|"]
        for i in items:
            def bits(f):
                return f"bit {f.lsb}" if f.width == 1 else f"bits {f.msb}:{f.lsb}"
            parts = "".join(f"<br>{bits(f)} {f.inst_name}: {f.get_property('desc') or ''}" for f in i.parts)
            enc = f" (`{i.encode.type_name}`)" if i.encode is not None else ""
            o.append(f"| {i.offset} | {i.name} | {i.bits // 8} | {i.desc}{enc}{parts} |")
    o += ["", "## Enumerations", ""]
    for name, e in enums.items():
        o += [f"### {name}", "", "| value | name | meaning |", "|--:|---|---|"]
        o += [f"| {m.value} | {m.name} | {m.rdl_desc or ''} |" for m in e] + [""]
    return "\n".join(x.rstrip() for x in o)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    digest = zlib.crc32(SOURCE.read_bytes())
    records, bar0, windows, enums = load()
    out = {HERE / "wt_schema_pkg.sv": gen_sv(records, bar0, windows, enums, digest),
           HERE / "README.md": gen_md(records, bar0, windows, enums),
           HERE.parent.parent / "host/card/wt_schema.h": gen_c(records, bar0, windows, enums, digest)}
    stale = [p for p, text in out.items() if not p.exists() or p.read_text() != text]
    if "--check" in sys.argv:
        for p in stale:
            print(f"{p.name}: differs from what {SOURCE.name} says: run hdl/schema/generate.py", file=sys.stderr)
        sys.exit(1 if stale else 0)
    for p in stale:
        p.write_text(out[p])
        print(f"wrote {p.name}")


if __name__ == "__main__":
    main()
