# From the sources to the bitstream of the AS02MC04, in Vivado (2022.1 or later; the free edition has the XCKU3P):
#
#   vivado -mode batch -source hdl/boards/as02mc04/build.tcl -tclargs FOLDER HASH      (make bitstream BOARD=as02mc04)
#
# FOLDER gets as02mc04.bit, git_hash, and Vivado's reports and project; HASH, eight hexadecimal digits, is what the card will
# answer as its git hash. Without all timing met it fails and leaves no bitstream.
#
# Not run yet: no Vivado has read this file.

if {[llength $argv] != 2 || ![regexp {^[0-9a-f]{8}$} [lindex $argv 1]]} {
    puts stderr "usage: vivado -mode batch -source build.tcl -tclargs FOLDER HASH (eight hexadecimal digits)"
    exit 2
}
lassign $argv folder hash
set here [file dirname [file normalize [info script]]]
set hdl [file normalize [file join $here .. ..]]
set folder [file normalize $folder]
set part xcku3p-ffvb676-1-e
file mkdir $folder
file delete [file join $folder as02mc04.bit] [file join $folder git_hash]
if {[llength [get_parts -quiet $part]] == 0} {
    puts stderr "this Vivado does not have the part $part: install it with the device family Kintex UltraScale+"
    exit 1
}

create_project -force as02mc04 [file join $folder project] -part $part
source [file join $here ip.tcl]

# Packages first; stubs.v is for other tools.
set packages [list $hdl/schema/wt_schema_pkg.sv $hdl/common/wt_crc_pkg.sv $hdl/core/wt_pkg.sv]
set modules [list]
foreach room {common net feed book pcie core card} {
    foreach file [lsort [glob $hdl/$room/*.sv]] {
        if {$file ni $packages} {
            lappend modules $file
        }
    }
}
add_files -fileset sources_1 [concat $packages $modules [lsort [glob $here/*.sv]]]
set_property file_type SystemVerilog [get_files *.sv]
set_property top wt_as02mc04 [get_filesets sources_1]
set_property generic "GIT_HASH=32'h$hash" [get_filesets sources_1]
add_files -fileset constrs_1 [list $here/pins.xdc $here/timing.tcl]
# Its clocks are there once IP and design are linked.
set_property used_in_synthesis false [get_files timing.tcl]
set_property processing_order LATE [get_files timing.tcl]
update_compile_order -fileset sources_1

proc run {name args} {
    launch_runs $name -jobs 4 {*}$args
    wait_on_run $name
    if {[get_property PROGRESS [get_runs $name]] ne "100%"} {
        puts stderr "$name did not end: [get_property STATUS [get_runs $name]]"
        exit 1
    }
}
set_property STEPS.PHYS_OPT_DESIGN.IS_ENABLED true [get_runs impl_1]
run synth_1
run impl_1 -to_step write_bitstream

open_run impl_1
report_utilization -file $folder/utilization.rpt
report_timing_summary -file $folder/timing.rpt
report_cdc -file $folder/cdc.rpt
set setup [get_property STATS.WNS [get_runs impl_1]]
set hold [get_property STATS.WHS [get_runs impl_1]]
puts "worst slack: setup $setup ns, hold $hold ns"
if {$setup < 0 || $hold < 0} {
    puts stderr "timing is not met (setup $setup ns, hold $hold ns): see $folder/timing.rpt; no bitstream"
    exit 1
}
file copy -force [get_property DIRECTORY [get_runs impl_1]]/wt_as02mc04.bit $folder/as02mc04.bit
set out [open $folder/git_hash w]
puts $out $hash
close $out
puts "bitstream: $folder/as02mc04.bit"
