"""Enumeration, registers, record rings, reads, interrupts and reset of the PCIe core against cocotbext-pcie."""
import os

import cocotb
from cocotb.triggers import Event, First, RisingEdge, Timer
from cocotb.utils import get_sim_time
from cocotbext.pcie.core.tlp import Tlp, TlpType
from cocotbext.pcie.core.utils import PcieId
from cocotbext.pcie.xilinx.us.tlp import ErrorCode, Tlp_us

from card import CONTROL_ENABLE, MAGIC, ORDER_FLOW, REG, SCHEMA_VERSION, VECTORS, WIN, Card

EVENTS = int(os.environ.get("WT_PCIE_EVENTS", "2000"))
SMALL = min(EVENTS, 2000)  # of what takes longer for each
SEED = int(os.environ.get("WT_PCIE_SEED", "1"))


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def enumeration(dut):
    """The root complex finds the card, sizes its BAR, and tells it max payload."""
    card = Card(dut, SEED)
    for max_payload, code in ((256, 1), (512, 2)):
        await card.start(max_payload)
        assert card.pci.bar_window[0].size == 0x8000
        assert int(dut.cfg_max_payload.value) == code
        assert int(dut.cfg_function_status.value) & 4, "no bus master"
    assert card.dev.bus_num != 0
    assert int(dut.cfg_bus_number.value) == card.dev.bus_num


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def registers(dut):
    """Registers of all kinds: constants, the host's, the symbol window, by bytes, in pairs; outside the BAR."""
    card = Card(dut, SEED)
    await card.start()
    dut.busy.value = 40
    assert await card.read(REG["MAGIC"]) == MAGIC
    assert await card.read(REG["SCHEMA_VERSION"]) == SCHEMA_VERSION
    assert await card.read(REG["GIT_HASH"]) == 0x5EED1E55
    assert await card.read64(REG["MAGIC"]) == SCHEMA_VERSION << 32 | MAGIC
    # Every register that the host writes keeps its own value.
    mine = [REG[n] for n in ("SKEW_NS", "GAP_TIMEOUT_NS", "EV_BASE_LO", "EV_BASE_HI", "EV_CONS", "OF_BASE_LO",
                             "OF_BASE_HI", "CMD_BASE_LO", "CMD_BASE_HI", "CMD_PROD")]
    mine += [WIN["RINGS"] + 32 * k + 4 * w for k in range(7) for w in (0, 1, 3)]
    mine += [WIN["CHANNELS"] + WIN["CHANNELS_STRIDE"] * k + 4 * w for k in range(8) for w in range(1, 8)]
    mine += [WIN["SYMBOLS"] + 16 * k + 4 * w for k in (0, 1, 511, 1023) for w in (0, 1)]
    want = {at: card.random.getrandbits(32) for at in mine}
    for at in card.random.sample(mine, len(mine)):
        await card.write(at, want[at])
    for at in card.random.sample(mine, len(mine)):
        assert await card.read(at) == want[at], hex(at)
    # Bytes and half words of one of them.
    at = REG["SKEW_NS"]
    model = bytearray(want[at].to_bytes(4, "little"))
    for _ in range(40):
        n = card.random.choice((1, 2, 3))
        lane = card.random.randrange(5 - n)
        data = card.random.randbytes(n)
        await card.bar.write(at + lane, data)
        model[lane:lane + n] = data
        assert await card.bar.read(at + lane, n) == data
        assert await card.read(at) == int.from_bytes(model, "little")
    # Constants cannot be written. A read that is too long gets no data, and is counted, as is a write.
    await card.write(REG["MAGIC"], 0)
    assert await card.read(REG["MAGIC"]) == MAGIC
    bad = await card.counter("bad_request")
    try:
        await card.bar.read(REG["MAGIC"], 64, timeout=20, timeout_unit="us")
        raise AssertionError("a read of 64 bytes was answered")
    except Exception as e:
        assert "unsuccessful" in str(e).lower() or "UR" in str(e), repr(e)
    await card.bar.write(REG["SKEW_NS"], bytes(64))
    assert await card.counter("bad_request") == bad + 2
    assert await card.read(REG["SKEW_NS"]) == int.from_bytes(model, "little")


async def event_records(dut, max_payload):
    """Records to four event rings and the order-flow ring, under random back-pressure of every stream."""
    card = Card(dut, SEED + max_payload)
    await card.start(max_payload)
    await card.reset()
    for ring, log2 in ((0, 6), (1, 4), (2, 9), (7, 5)):
        await card.make_ring(ring, log2, above_4g=ring in (2, 7))
    await card.make_ring(ORDER_FLOW, 8)
    await card.write(REG["CONTROL"], CONTROL_ENABLE)
    rnd = card.random
    flow = EVENTS // 20
    await card.load([rnd.choice((0, 0, 0, 1, 2, 2, 7)) for _ in range(EVENTS)], flow)
    dut.busy.value = 30
    dut.duty.value = 80
    dut.events.value = EVENTS
    dut.flow.value = flow
    rings = list(card.rings.values())
    while sum(r.taken for r in rings) < EVENTS + flow:
        await Timer(rnd.choice((40, 100, 300, 1000)), "ns")
        for r in rnd.sample(rings, len(rings)):
            n = r.take(rnd.choice((1, 3, r.size // 2, r.size)))
            if n and rnd.random() < 0.7 or r.taken - r.told >= r.size // 2:
                await r.tell()
    assert sum(r.taken for r in rings if r.number != ORDER_FLOW) == EVENTS
    assert card.rings[ORDER_FLOW].taken == flow
    for r in rings:
        at = card.ring_registers(r.number) + 16
        assert await card.read(at) == r.taken == len(r.put)
    assert await card.counter("events") == EVENTS
    assert await card.counter("order_flow") == flow
    assert await card.counter("bad_request") == 0
    assert card.writes == [], "writes outside the rings"
    # Several records share a TLP where they may: else max payload would not be used.
    per = card.records_in_tlps / card.tlps
    dut._log.warning("%d records, %.2f a TLP, in %d cycles", card.records_in_tlps, per,
                     cocotb.utils.get_sim_time("ns") // 4)
    assert per > {128: 1.2, 256: 1.3, 512: 1.4}[max_payload]


@cocotb.test(timeout_time=40 * EVENTS + 100000, timeout_unit="ns")
async def event_records_128(dut):
    """Max payload 128."""
    await event_records(dut, 128)


@cocotb.test(timeout_time=40 * EVENTS + 100000, timeout_unit="ns")
async def event_records_256(dut):
    """Max payload 256."""
    await event_records(dut, 256)


@cocotb.test(timeout_time=40 * EVENTS + 100000, timeout_unit="ns")
async def event_records_512(dut):
    """Max payload 512."""
    await event_records(dut, 512)


class Host:
    """Answers the card's reads late, in any order, and some badly or never."""

    def __init__(self, card, bad):
        self.card, self.bad = card, bad
        self.asked = 0
        self.open = {}  # tags under way
        self.most = 0
        self.said = {"unsupported": 0, "aborted": 0, "poisoned": 0, "lost": 0}
        card.rc.register_rx_tlp_handler(TlpType.MEM_READ, self.on_read)
        card.rc.register_rx_tlp_handler(TlpType.MEM_READ_64, self.on_read)

    async def on_read(self, tlp):
        assert tlp.length == 16 and tlp.address % 64 == 0 and tlp.first_be == tlp.last_be == 15
        assert tlp.tag < 32, "a tag that needs extended tags"
        assert tlp.tag not in self.open, "a tag that is under way"
        self.asked += 1
        self.open[tlp.tag] = tlp
        self.most = max(self.most, len(self.open))
        cocotb.start_soon(self.answer(tlp))

    async def answer(self, tlp):
        card = self.card
        await Timer(card.random.choice((4, 40, 200, 900)) + card.random.randrange(100), "ns")
        del self.open[tlp.tag]
        what = card.random.choice(list(self.said)) if card.random.randrange(100) < self.bad else None
        if what:
            self.said[what] += 1
        if what == "unsupported":
            cpl = Tlp.create_ur_completion_for_tlp(tlp, PcieId(0, 0, 0))
        elif what == "aborted":
            cpl = Tlp.create_ca_completion_for_tlp(tlp, PcieId(0, 0, 0))
        else:
            cpl = Tlp.create_completion_data_for_tlp(tlp, PcieId(0, 0, 0))
            cpl.byte_count = 64
            cpl.lower_address = tlp.address & 0x7F
            cpl.set_data(await card.rc.mem_address_space.read(tlp.address, 64))
            cpl.ep = what == "poisoned"
        if what == "lost":
            # The hard block gives up, and says so to the card.
            card.dev.active_request[tlp.tag] = None
            cpl = Tlp_us(Tlp.create_completion_for_tlp(tlp, PcieId(0, 0, 0)))
            cpl.error_code = ErrorCode.TIMEOUT
            card.dev.rc_queue.put_nowait(cpl)
        else:
            await card.rc.send(cpl)


async def lines(dut, bad, count):
    """Lines of host memory arrive whole, in the order in which they were asked for."""
    card = Card(dut, SEED + bad)
    await card.start()
    await card.reset()
    await card.write(REG["CONTROL"], CONTROL_ENABLE)
    dut.busy.value = 30
    host = Host(card, bad)
    low = card.rc.mem_pool.alloc_region(16384)
    high = card.rc.mem_address_space.create_pool(0x21_0000_0000, 1 << 32).alloc_region(16384)
    for region in (low, high):
        region.mem[0:16384] = card.random.randbytes(16384)
    wanted = []
    edge = RisingEdge(dut.clk)

    async def ask():
        for _ in range(count):
            region, at = card.random.choice((low, high)), 64 * card.random.randrange(256)
            dut.addr.value = region.get_absolute_address(at)
            dut.addr_valid.value = 1
            wanted.append(int.from_bytes(region.mem[at:at + 64], "little"))
            await edge
            while not int(dut.addr_ready.value):
                await edge
        dut.addr_valid.value = 0

    task = cocotb.start_soon(ask())
    got = 0
    while got < count:
        dut.line_ready.value = card.random.random() < 0.8
        await edge
        if int(dut.line_valid.value) and int(dut.line_ready.value):
            assert int(dut.line.value) == wanted[got], f"line {got}"
            got += 1
    dut.line_ready.value = 0
    await task
    assert host.most > 4, "no reads at the same time"
    again = host.asked - count
    assert again == sum(host.said.values())
    assert await card.counter("read_timeout") == again
    for name in ("unsupported", "aborted", "poisoned"):
        assert await card.counter("read_" + name) == host.said[name], name
    assert await card.counter("read_refused") == host.said["lost"]
    return host.said


@cocotb.test(timeout_time=4000 * SMALL, timeout_unit="ns")
async def reads_reordered(dut):
    """Reads with tags, answered in any order."""
    await lines(dut, 0, SMALL)


@cocotb.test(timeout_time=9000 * SMALL, timeout_unit="ns")
async def reads_refused(dut):
    """Reads answered unsupported, aborted, poisoned, or not at all: each counted, and asked again."""
    said = await lines(dut, 10, SMALL // 2)
    assert all(said.values()), said


@cocotb.test(timeout_time=12000 * SMALL, timeout_unit="ns")
async def interrupts(dut):
    """A host that sleeps whenever it has seen all: woken each time, with masks, moderation and stalls in between."""
    card = Card(dut, SEED + 7)
    await card.start()
    await card.reset()
    for ring in (0, 3):
        await card.make_ring(ring, 6)
    await card.make_ring(ORDER_FLOW, 6)
    assert await card.read(REG["CAP_VECTORS"]) == VECTORS
    assert await card.pci.alloc_irq_vectors(VECTORS, VECTORS) == VECTORS
    assert int(dut.cfg_msix_enable.value) & 1
    moderation = 4000
    await card.write(WIN["IRQS"] + 3 * 16 + 8, moderation)
    rnd = card.random
    flow = SMALL // 4
    await card.load([rnd.choice((0, 0, 3)) for _ in range(SMALL)], flow)
    await card.write(REG["CONTROL"], CONTROL_ENABLE)
    dut.busy.value = 20
    dut.duty.value = 30
    dut.gap.value = 500
    began = get_sim_time("ns")
    dut.events.value = SMALL
    dut.flow.value = flow
    count = dict.fromkeys(card.rings, 0)
    total = {r.number: len(r.put) for r in card.rings.values()}
    awake = 0
    masks = {"on": True}

    async def consumer(r):
        nonlocal awake
        woken = Event()

        async def handler():
            count[r.number] += 1
            woken.set()

        card.pci.request_irq(r.number, handler)
        at = WIN["IRQS"] + 16 * r.number
        arms = 0
        while True:
            while r.take(r.size):
                await r.tell()
            if r.taken == total[r.number]:
                break
            awake += 1
            arms += 1
            woken.clear()
            if rnd.random() < 0.5:
                await card.bar.write_qword(at, arms << 32 | r.taken)
            else:
                await card.write(at, r.taken)
                await card.write(at + 4, arms)
            # So long that a mask is off again, and moderation over; then a record that waits is a lost wake-up.
            while not woken.is_set():
                before = r.arrived
                await First(woken.wait(), Timer(30, "us"))
                assert woken.is_set() or before == r.taken, f"ring {r.number}: asleep with records in its ring"
            # The message comes behind the data, and for one arm only once.
            assert r.arrived > r.taken, f"ring {r.number}: woken for nothing"
            assert count[r.number] == arms, f"ring {r.number}: {count[r.number]} interrupts for {arms} arms"
            assert await card.read(at + 12) == arms

    async def mask():
        while masks["on"]:
            await Timer(rnd.randrange(1000, 9000), "ns")
            vector = rnd.choice(list(card.rings))
            at = WIN["MSIX"] + 16 * vector + 12
            if rnd.random() < 0.7:
                await card.write(at, 1)
                await Timer(rnd.randrange(100, 6000), "ns")
                await card.write(at, 0)
            else:
                await card.pci.msix_set_enable(False)
                await Timer(rnd.randrange(100, 6000), "ns")
                await card.pci.msix_set_enable(True)

    masker = cocotb.start_soon(mask())
    tasks = [cocotb.start_soon(consumer(r)) for r in card.rings.values()]
    for t in tasks:
        await t
    took = get_sim_time("ns") - began
    masks["on"] = False
    await masker
    assert count[3] <= took / moderation + 1, "moderation"
    assert sum(count.values()) > SMALL // 20, "hardly ever asleep"
    assert await card.counter("interrupts") == sum(count.values())
    assert len(card.writes) == sum(count.values()), "writes outside the rings that are no interrupts"
    dut._log.warning("%d interrupts for %d records", sum(count.values()), SMALL + flow)

    # A masked vector shows its pending bit, and sends when it is unmasked.
    at = WIN["MSIX"] + 12
    await card.write(at, 1)
    n = count[0]
    r = card.rings[0]
    await card.bar.write_qword(WIN["IRQS"], (n + 5) << 32 | (r.taken - 1) & 0xFFFFFFFF)
    await Timer(2, "us")
    assert await card.read64(0x3000) == 1 and count[0] == n
    await card.write(at, 0)
    await Timer(2, "us")
    assert await card.read64(0x3000) == 0 and count[0] == n + 1


@cocotb.test(timeout_time=3000, timeout_unit="us")
async def reset_at_any_time(dut):
    """Resets amid writes: once the card says that it is done, nothing comes until the host says that there is room."""
    card = Card(dut, SEED + 9)
    await card.start(512)
    await card.reset()
    r = await card.make_ring(0, 8)
    await card.pci.alloc_irq_vectors(VECTORS, VECTORS)
    await card.write(REG["CONTROL"], CONTROL_ENABLE)
    all_records = 20000
    await card.load([0] * all_records, 0)
    order = {record: k for k, record in enumerate(r.put)}
    dut.events.value = all_records
    dut.busy.value = 40
    last = 0
    for turn in range(6 if SMALL < 1000 else 40):
        # Some records through, then a reset at a random moment, with an interrupt armed and due, or masked.
        begin = None
        for _ in range(card.random.randrange(1, 30)):
            await Timer(card.random.randrange(100, 900), "ns")
            if begin is None and r.arrived:
                begin = order[bytes(r.region.mem[0:60])]
                assert begin >= last, "a record from before the reset"
                r.put = list(order)[begin:begin + 4000]
            if begin is not None and r.take(r.size):
                await r.tell()
        if begin is not None:
            last = begin + r.arrived
        await card.write(WIN["MSIX"] + 12, card.random.randrange(2))
        await card.bar.write_qword(WIN["IRQS"], (turn + 1) << 32 | r.taken)
        dut.sweep_cycles.value = card.random.choice((0, 1, 20, 300))
        await Timer(card.random.randrange(4, 400), "ns")
        await card.reset()
        seen = card.tlps
        await Timer(3, "us")
        assert card.tlps == seen, "a write after the reset was done"
        assert await card.counter("events") == 0
        assert await card.read(REG["EV_PROD"]) == 0
        # What was armed before is not any more.
        await card.write(WIN["MSIX"] + 12, 0)
        await Timer(1, "us")
        assert card.tlps == seen, "an interrupt that was armed before the reset"
        r.region.mem[0:r.bytes] = bytes(r.bytes)
        r.arrived = r.taken = 0
        await r.tell()
    assert last > 0
