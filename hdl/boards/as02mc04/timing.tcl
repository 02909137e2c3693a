# Crossings between clocks that have nothing to do with each other. Every one goes through wt_sync, wt_sync_bus or one of the
# FIFOs of hdl/common, which want the bits of a pointer, and data that stand still, to arrive within a period of the faster
# clock: 4 ns, that of PCI Express. So this holds for every path between two of these clocks.
set clocks [list]
foreach pin {
    clk_buffer/O clk125_buffer/O pcie_hard/user_clk
    port_a/g_full.gty/gtwiz_userclk_rx_usrclk2_out[0] port_a/g_full.gty/gtwiz_userclk_tx_usrclk2_out[0]
    port_b/g_channel.gty/gtwiz_userclk_rx_usrclk2_out[0] port_b/g_channel.gty/gtwiz_userclk_tx_usrclk2_out[0]
} {
    set clock [get_clocks -of_objects [get_pins $pin]]
    if {[llength $clock] != 1} {
        error "timing.tcl: $pin must have one clock, has [llength $clock]"
    }
    lappend clocks $clock
}
foreach from $clocks {
    foreach to $clocks {
        if {$from ne $to} {
            set_max_delay -datapath_only -from $from -to $to 4.0
        }
    }
}
