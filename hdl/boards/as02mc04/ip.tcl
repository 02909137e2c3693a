# The IP of the AS02MC04: Vivado's PCI Express hard block (PG213) and GTY transceivers (PG182). Sourced by build.tcl, in an
# open project. Names of modules and ports are those of stubs.v.
#
# Not run yet: no Vivado has read this file.

# ---------------------------------------------------------------- PCI Express Gen3 x8: 256 bits at 250 MHz
#
# Ids, class and the size of BAR0 are those which the host looks for (host/card/pci.h, wt_schema.h). wt_pcie_us wants: no
# straddling, dword alignment, tags of its own. The core's writes have at most 512 bytes (wt_card_tlp: TX_BEATS).
# MSI-X: table and pending bits are windows of BAR0 (hdl/schema); the core sends the messages itself.
create_ip -name pcie4_uscale_plus -vendor xilinx.com -library ip -module_name wt_pcie_hard
set_property -dict [list \
    CONFIG.mode_selection {Advanced} \
    CONFIG.PL_LINK_CAP_MAX_LINK_SPEED {8.0_GT/s} \
    CONFIG.PL_LINK_CAP_MAX_LINK_WIDTH {X8} \
    CONFIG.axisten_if_width {256_bit} \
    CONFIG.axisten_freq {250} \
    CONFIG.AXISTEN_IF_RC_STRADDLE {false} \
    CONFIG.axisten_if_enable_client_tag {true} \
    CONFIG.extended_tag_field {true} \
    CONFIG.pf0_dev_cap_max_payload {512_bytes} \
    CONFIG.vendor_id {10EE} \
    CONFIG.PF0_DEVICE_ID {5754} \
    CONFIG.PF0_REVISION_ID {01} \
    CONFIG.PF0_SUBSYSTEM_VENDOR_ID {10EE} \
    CONFIG.PF0_SUBSYSTEM_ID {5754} \
    CONFIG.PF0_Use_Class_Code_Lookup_Assistant {false} \
    CONFIG.PF0_CLASS_CODE {020000} \
    CONFIG.pf0_bar0_64bit {false} \
    CONFIG.pf0_bar0_prefetchable {false} \
    CONFIG.pf0_bar0_scale {Kilobytes} \
    CONFIG.pf0_bar0_size {32} \
    CONFIG.pf0_msi_enabled {false} \
    CONFIG.MSI_X_OPTIONS {MSI-X_External} \
    CONFIG.PF0_MSIX_CAP_TABLE_SIZE {008} \
    CONFIG.PF0_MSIX_CAP_TABLE_BIR {BAR_0} \
    CONFIG.PF0_MSIX_CAP_TABLE_OFFSET {00002000} \
    CONFIG.PF0_MSIX_CAP_PBA_BIR {BAR_0} \
    CONFIG.PF0_MSIX_CAP_PBA_OFFSET {00003000} \
    CONFIG.en_gt_selection {true} \
    CONFIG.select_quad {GTY_Quad_225} \
] [get_ips wt_pcie_hard]

# ---------------------------------------------------------------- GTY: 10.3125 Gb/s, a block of 66 bits every cycle
#
# An IP for each port, so that one without a cable holds up nothing of the other: the first has the quad's PLL, 66 times
# the reference. Clock buffers and reset logic are inside.
set gty [dict create \
    CONFIG.TX_LINE_RATE {10.3125}  CONFIG.TX_REFCLK_FREQUENCY {156.25} \
    CONFIG.RX_LINE_RATE {10.3125}  CONFIG.RX_REFCLK_FREQUENCY {156.25} \
    CONFIG.TX_USER_DATA_WIDTH {64} CONFIG.TX_INT_DATA_WIDTH {64} \
    CONFIG.RX_USER_DATA_WIDTH {64} CONFIG.RX_INT_DATA_WIDTH {64} \
    CONFIG.TX_DATA_ENCODING {64B66B_ASYNC} CONFIG.TX_BUFFER_MODE {1} CONFIG.TX_OUTCLK_SOURCE {TXPROGDIVCLK} \
    CONFIG.RX_DATA_DECODING {64B66B_ASYNC} CONFIG.RX_BUFFER_MODE {1} CONFIG.RX_OUTCLK_SOURCE {RXPROGDIVCLK} \
    CONFIG.RX_EQ_MODE {AUTO} \
    CONFIG.FREERUN_FREQUENCY {125} \
    CONFIG.LOCATE_RESET_CONTROLLER {CORE} \
    CONFIG.LOCATE_TX_USER_CLOCKING {CORE} \
    CONFIG.LOCATE_RX_USER_CLOCKING {CORE} \
    CONFIG.LOCATE_USER_DATA_WIDTH_SIZING {CORE} \
    CONFIG.DISABLE_LOC_XDC {1} \
]
foreach {name more} {
    wt_gty_full    {CONFIG.LOCATE_COMMON CORE CONFIG.ENABLE_OPTIONAL_PORTS {qpll0lock_out}}
    wt_gty_channel {CONFIG.LOCATE_COMMON EXAMPLE_DESIGN}
} {
    create_ip -name gtwizard_ultrascale -vendor xilinx.com -library ip -module_name $name
    set_property CONFIG.preset {GTY-10GBASE-R} [get_ips $name]
    set_property -dict [dict merge $gty $more] [get_ips $name]
}
