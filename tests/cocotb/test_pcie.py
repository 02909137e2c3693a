"""Enumeration, registers and record rings of the PCIe core against cocotbext-pcie."""
import os

import cocotb
from cocotb.triggers import Timer

from card import CONTROL_ENABLE, MAGIC, ORDER_FLOW, REG, SCHEMA_VERSION, WIN, Card

EVENTS = int(os.environ.get("WT_PCIE_EVENTS", "2000"))
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
