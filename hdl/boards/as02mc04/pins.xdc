# Pins of the AS02MC04: its maker has published none. These were found by others on their cards, and three lists of them, each
# of its own origin or tried on cards, have the same pins: github.com/fpganinja/taxi (AS02MC04, its XDC),
# github.com/TiferKing/as02mc04_hack (board files), litex-boards (alibaba_cloud as02mc04). Nobody has tried THIS file on a card.
#
# Unverified, because the lists differ or say nothing:
#   - I/O standard of the single-ended pins: LVCMOS33 in the first, LVCMOS18 in the other two. Here LVCMOS33: C. Gillon has
#     measured the banks' supply with the FPGA's own monitor (gist 765d6286b1c34c7dc26a7b4c4dd0c48c).
#   - Speed grade: -1 in the first, -2 in the other two. build.tcl takes -1, which a -2 meets too.
#   - Whether 0 or 1 lights an LED.
#   - The cages' TX disable and rate select: no pin is known; they are left alone.

set_property CFGBVS GND                               [current_design]
set_property CONFIG_VOLTAGE 1.8                       [current_design]
set_property CONFIG_MODE SPIx4                        [current_design]
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 4          [current_design]
set_property BITSTREAM.CONFIG.SPI_FALL_EDGE YES       [current_design]
set_property BITSTREAM.CONFIG.CONFIGRATE 72.9         [current_design]
set_property BITSTREAM.CONFIG.UNUSEDPIN PULLUP        [current_design]
set_property BITSTREAM.CONFIG.OVERTEMPSHUTDOWN ENABLE [current_design]
set_property BITSTREAM.GENERAL.COMPRESS TRUE          [current_design]

# ---------------------------------------------------------------- 100 MHz oscillator
set_property -dict {PACKAGE_PIN E18 IOSTANDARD LVDS} [get_ports clk_100mhz_p]
set_property -dict {PACKAGE_PIN D18 IOSTANDARD LVDS} [get_ports clk_100mhz_n]
create_clock -name clk_100mhz -period 10.000 [get_ports clk_100mhz_p]

# ---------------------------------------------------------------- LEDs (I/O standard and polarity unverified)
set_property -dict {PACKAGE_PIN B12 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {sfp_led[0]}]
set_property -dict {PACKAGE_PIN C12 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {sfp_led[1]}]
set_property -dict {PACKAGE_PIN B9  IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {led_hb}]
set_property -dict {PACKAGE_PIN B11 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {led[0]}]
set_property -dict {PACKAGE_PIN C11 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {led[1]}]
set_property -dict {PACKAGE_PIN A10 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {led[2]}]
set_property -dict {PACKAGE_PIN B10 IOSTANDARD LVCMOS33 SLEW SLOW DRIVE 8} [get_ports {led[3]}]
set_false_path -to [get_ports {sfp_led[*] led_hb led[*]}]

# ---------------------------------------------------------------- SFP28: quad 227, port 1 its channel 3, port 2 its channel 2
set_property PACKAGE_PIN K7 [get_ports sfp_mgt_refclk_p]
set_property PACKAGE_PIN K6 [get_ports sfp_mgt_refclk_n]
create_clock -name sfp_mgt_refclk -period 6.400 [get_ports sfp_mgt_refclk_p]
set_property PACKAGE_PIN A4 [get_ports {sfp_rx_p[0]}]
set_property PACKAGE_PIN A3 [get_ports {sfp_rx_n[0]}]
set_property PACKAGE_PIN B7 [get_ports {sfp_tx_p[0]}]
set_property PACKAGE_PIN B6 [get_ports {sfp_tx_n[0]}]
set_property PACKAGE_PIN B2 [get_ports {sfp_rx_p[1]}]
set_property PACKAGE_PIN B1 [get_ports {sfp_rx_n[1]}]
set_property PACKAGE_PIN D7 [get_ports {sfp_tx_p[1]}]
set_property PACKAGE_PIN D6 [get_ports {sfp_tx_n[1]}]

# ---------------------------------------------------------------- PCI Express: lanes 0 to 3 quad 225, 4 to 7 quad 224
set_property PACKAGE_PIN T7 [get_ports pcie_refclk_p]
set_property PACKAGE_PIN T6 [get_ports pcie_refclk_n]
create_clock -name pcie_refclk -period 10.000 [get_ports pcie_refclk_p]
# I/O standard unverified.
set_property -dict {PACKAGE_PIN A9 IOSTANDARD LVCMOS33 PULLUP true} [get_ports pcie_reset_n]
set_false_path -from [get_ports pcie_reset_n]
set_property PACKAGE_PIN P2  [get_ports {pcie_rx_p[0]}]
set_property PACKAGE_PIN P1  [get_ports {pcie_rx_n[0]}]
set_property PACKAGE_PIN R5  [get_ports {pcie_tx_p[0]}]
set_property PACKAGE_PIN R4  [get_ports {pcie_tx_n[0]}]
set_property PACKAGE_PIN T2  [get_ports {pcie_rx_p[1]}]
set_property PACKAGE_PIN T1  [get_ports {pcie_rx_n[1]}]
set_property PACKAGE_PIN U5  [get_ports {pcie_tx_p[1]}]
set_property PACKAGE_PIN U4  [get_ports {pcie_tx_n[1]}]
set_property PACKAGE_PIN V2  [get_ports {pcie_rx_p[2]}]
set_property PACKAGE_PIN V1  [get_ports {pcie_rx_n[2]}]
set_property PACKAGE_PIN W5  [get_ports {pcie_tx_p[2]}]
set_property PACKAGE_PIN W4  [get_ports {pcie_tx_n[2]}]
set_property PACKAGE_PIN Y2  [get_ports {pcie_rx_p[3]}]
set_property PACKAGE_PIN Y1  [get_ports {pcie_rx_n[3]}]
set_property PACKAGE_PIN AA5 [get_ports {pcie_tx_p[3]}]
set_property PACKAGE_PIN AA4 [get_ports {pcie_tx_n[3]}]
set_property PACKAGE_PIN AB2 [get_ports {pcie_rx_p[4]}]
set_property PACKAGE_PIN AB1 [get_ports {pcie_rx_n[4]}]
set_property PACKAGE_PIN AC5 [get_ports {pcie_tx_p[4]}]
set_property PACKAGE_PIN AC4 [get_ports {pcie_tx_n[4]}]
set_property PACKAGE_PIN AD2 [get_ports {pcie_rx_p[5]}]
set_property PACKAGE_PIN AD1 [get_ports {pcie_rx_n[5]}]
set_property PACKAGE_PIN AD7 [get_ports {pcie_tx_p[5]}]
set_property PACKAGE_PIN AD6 [get_ports {pcie_tx_n[5]}]
set_property PACKAGE_PIN AE4 [get_ports {pcie_rx_p[6]}]
set_property PACKAGE_PIN AE3 [get_ports {pcie_rx_n[6]}]
set_property PACKAGE_PIN AE9 [get_ports {pcie_tx_p[6]}]
set_property PACKAGE_PIN AE8 [get_ports {pcie_tx_n[6]}]
set_property PACKAGE_PIN AF2 [get_ports {pcie_rx_p[7]}]
set_property PACKAGE_PIN AF1 [get_ports {pcie_rx_n[7]}]
set_property PACKAGE_PIN AF7 [get_ports {pcie_tx_p[7]}]
set_property PACKAGE_PIN AF6 [get_ports {pcie_tx_n[7]}]
