"""The PCIe core under cocotbext-pcie: its root complex and its model of the UltraScale+ hard block.

Nothing here knows how the core works: offsets come from the schema's C header, the rest from the PCIe specification and
hdl/schema/README.md.
"""
import logging
import pathlib
import random
import re

from cocotb.triggers import RisingEdge, Timer
from cocotbext.axi import AxiStreamBus
from cocotbext.pcie.core import RootComplex
from cocotbext.pcie.core.tlp import TlpType
from cocotbext.pcie.xilinx.us import UltraScalePlusPcieDevice, usp_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = (ROOT / "host/card/wt_schema.h").read_text()
# Registers, windows and counters by name: REG["EV_CONS"], WIN["RINGS"], CNT["events"].
REG = {m[1]: int(m[2], 16) for m in re.finditer(r"#define WT_REG_(\w+) (0x\w+)u", HEADER)}
WIN = {m[1]: int(m[2].rstrip("u"), 0) for m in re.finditer(r"#define WT_WIN_(\w+) (\w+)", HEADER)}
CNT = {m[1]: int(m[2], 16) for m in re.finditer(r"    X\((\w+), (0x\w+)u,", HEADER)}
CONTROL_ENABLE = 1
SCHEMA_VERSION = int(re.search(r"WT_SCHEMA_VERSION (\d+)u", HEADER)[1])
MAGIC = 0x4B435457
VECTORS = 9
ORDER_FLOW = 8  # as a ring's number


class NoClock:
    """The bench has a clock of its own; Python would take a third of the time for one."""

    def __init__(self, *args, **kwargs):
        pass

    async def start(self):
        pass


usp_model.Clock = NoClock


class Slow:
    """The model, but for its clock: for those of its processes that need not look every cycle."""

    def __init__(self, model, clock):
        self.__dict__.update(model=model, user_clk=clock)

    def __getattr__(self, name):
        return getattr(self.model, name)

    def __setattr__(self, name, value):
        setattr(self.model, name, value)


class HardBlock(UltraScalePlusPcieDevice):
    """The model of the hard block, with its slow signals on a slow clock."""

    slow_clk = None

    async def _run_cfg_status_logic(self):
        await UltraScalePlusPcieDevice._run_cfg_status_logic(Slow(self, self.slow_clk))

    async def _run_cfg_ctrl_logic(self):
        await UltraScalePlusPcieDevice._run_cfg_ctrl_logic(Slow(self, self.slow_clk))

    async def _run_cfg_int_logic(self):
        await UltraScalePlusPcieDevice._run_cfg_int_logic(Slow(self, self.slow_clk))

    async def _run_cq_logic(self):
        await UltraScalePlusPcieDevice._run_cq_logic(Slow(self, self.slow_clk))

    async def _run_rq_seq_num_logic(self):
        while True:  # nobody looks at sequence numbers
            await self.rq_seq_num.get()


class Card:
    """A root complex, the hard block and the core; and the host's view of the card."""

    def __init__(self, dut, seed, extended_tags=False):
        self.dut = dut
        self.random = random.Random(seed)
        logging.getLogger("cocotb").setLevel(logging.WARNING)
        self.rc = RootComplex()
        HardBlock.slow_clk = dut.slow_clk
        self.dev = HardBlock(
            pcie_generation=3, pcie_link_width=8, user_clk_frequency=250e6, alignment="dword", pf_count=1,
            max_payload_size=1024, enable_client_tag=True, enable_extended_tag=extended_tags,
            user_clk=dut.clk, user_reset=dut.rst,
            rq_bus=AxiStreamBus.from_prefix(dut, "rq"), rc_bus=AxiStreamBus.from_prefix(dut, "rc"),
            cq_bus=AxiStreamBus.from_prefix(dut, "cq"), cc_bus=AxiStreamBus.from_prefix(dut, "cc"),
            cfg_max_payload=dut.cfg_max_payload,
            cfg_function_status=dut.cfg_function_status, cfg_bus_number=dut.cfg_bus_number,
            pf0_msix_enable=True, pf0_msix_table_size=VECTORS - 1, pf0_msix_table_offset=WIN["MSIX"],
            pf0_msix_pba_offset=0x3000, cfg_interrupt_msix_enable=dut.cfg_msix_enable,
            cfg_interrupt_msix_mask=dut.cfg_msix_mask)
        self.rc.make_port().connect(self.dev)
        for log in (self.rc.log, self.dev.log, self.dev.rq_sink.log, self.dev.rc_source.log, self.dev.cq_source.log,
                    self.dev.cc_sink.log):
            log.setLevel(logging.ERROR)
        self.dev.functions[0].configure_bar(0, 0x8000)
        dut.seed.value = seed
        for name, value in (("busy", 0), ("duty", 100), ("gap", 20), ("events", 0), ("flow", 0), ("addr_valid", 0), ("line_ready", 0),
                            ("sweep_cycles", 50)):
            getattr(dut, name).value = value
        self.rings = {}
        self.writes = []  # every write into host memory that is none of a ring's
        self.tlps = 0
        self.records_in_tlps = 0
        self.rc.register_rx_tlp_handler(TlpType.MEM_WRITE, self.on_write)
        self.rc.register_rx_tlp_handler(TlpType.MEM_WRITE_64, self.on_write)

    async def start(self, max_payload=256):
        """Enumerate, and enable the card."""
        self.max_payload = max_payload
        self.rc.max_payload_size = {128: 0, 256: 1, 512: 2}[max_payload]
        await RisingEdge(self.dut.clk)
        await self.rc.enumerate()
        self.pci = self.rc.find_device(self.dev.functions[0].pcie_id)
        await self.pci.enable_device()
        await self.pci.set_master()
        self.bar = self.pci.bar_window[0]
        await Timer(1, "us")

    # ---- registers

    async def read(self, offset):
        return await self.bar.read_dword(offset)

    async def read64(self, offset):
        return await self.bar.read_qword(offset)

    async def write(self, offset, value):
        await self.bar.write_dword(offset, value)

    async def counter(self, name):
        return await self.read64(CNT[name])

    async def reset(self, wait=True):
        """Reset the data path; returns its number."""
        n = (await self.read(REG["RESET_SEQ"]) + 1) & 0xffffffff
        await self.write(REG["RESET_SEQ"], n)
        while wait and await self.read(REG["RESET_ACK"]) != n:
            await Timer(200, "ns")
        return n

    def ring_registers(self, ring):
        """Offset of a ring's registers: base, size, consumer, producer."""
        if ring == ORDER_FLOW:
            return REG["OF_BASE_LO"]
        return REG["EV_BASE_LO"] if ring == 0 else WIN["RINGS"] + (ring - 1) * WIN["RINGS_STRIDE"]

    async def make_ring(self, ring, log2, above_4g=False):
        """A ring in host memory, told to the card."""
        size = 64 << log2
        if above_4g:
            pool = self.rc.mem_address_space.create_pool(0x12_0000_0000 + (ring << 32), 1 << 32)
            region = pool.alloc_region(size)
        else:
            region = self.rc.mem_pool.alloc_region(size)
        r = Ring(self, ring, log2, region)
        at = self.ring_registers(ring)
        await self.bar.write_dwords(at, [r.base & 0xffffffff, r.base >> 32])
        await self.bar.write_dwords(at + 8, [log2, 0])
        self.rings[ring] = r
        return r

    # ---- what goes into the card

    async def load(self, events, flow):
        """Random records for the bench to put in: events is the ring of each, flow how many of order flow."""
        for name, rings in (("events", events), ("flow", [ORDER_FLOW] * flow)):
            with open(f"{name}.hex", "w") as file:
                for ring in rings or [0]:
                    word = self.random.getrandbits(480)
                    file.write(f"{ring:x}{word:0120x}\n")
                    if rings:
                        self.rings[ring].put.append(word.to_bytes(60, "little"))
        self.dut.load.value = 1
        await RisingEdge(self.dut.slow_clk)
        await RisingEdge(self.dut.slow_clk)
        self.dut.load.value = 0

    # ---- what comes from the card

    async def on_write(self, tlp):
        """Every write of the card is checked for itself, then carried out."""
        data = tlp.get_data()
        at, n = tlp.address, tlp.length * 4
        assert n == len(data)
        assert n <= self.max_payload, f"{n} bytes in a TLP, max payload is {self.max_payload}"
        assert at // 4096 == (at + n - 1) // 4096, "crosses 4 KB"
        assert int(tlp.attr) == 0 and tlp.tc == 0, "attributes"
        self.tlps += 1
        for r in self.rings.values():
            if r.base <= at < r.base + r.bytes:
                assert at % 64 == 0 and n % 64 == 0, "not whole records"
                assert at + n <= r.base + r.bytes, "past the ring's end"
                assert tlp.first_be == 15 and tlp.last_be == 15
                r.on_records((at - r.base) // 64, data)
                self.records_in_tlps += n // 64
                break
        else:
            self.writes.append((at, bytes(data)))
        await self.rc.handle_mem_write_tlp(tlp)


class Ring:
    """A ring as a host sees it: what is put into the card for it must come out, in order."""

    def __init__(self, card, number, log2, region):
        self.card, self.number, self.log2, self.region = card, number, log2, region
        self.base = region.get_absolute_address(0)
        self.size = 1 << log2
        self.bytes = self.size * 64
        self.put = []        # records that the card is given
        self.arrived = 0     # records whose TLP has come
        self.told = 0        # the consumer index that the host's last write says
        self.taken = 0       # records consumed
        region.mem[0:self.bytes] = bytes(self.bytes)

    def on_records(self, index, data):
        for i in range(0, len(data), 64):
            assert index == self.arrived % self.size, f"ring {self.number}: record at {index}, due {self.arrived}"
            assert self.arrived - self.told < self.size, f"ring {self.number}: past the consumer index"
            self.arrived += 1
            index += 1

    def take(self, most):
        """Consume at most so many records that are in memory, as a host does: by their last word."""
        n = 0
        while n < most:
            at = (self.taken % self.size) * 64
            lap = int.from_bytes(self.region.mem[at + 60:at + 64], "little")
            if lap != (self.taken + 1) & 0xffffffff:
                break
            got = bytes(self.region.mem[at:at + 60])
            assert self.taken < len(self.put), f"ring {self.number}: a record nobody put in"
            assert got == self.put[self.taken], f"ring {self.number}: record {self.taken} differs"
            self.put[self.taken] = None
            self.taken += 1
            n += 1
        return n

    async def tell(self):
        """Write the consumer index. It counts from now on: the write may be carried out at once."""
        self.told = self.taken
        await self.card.write(self.card.ring_registers(self.number) + 12, self.told & 0xffffffff)
