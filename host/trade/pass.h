/*
 * A pass: risk's word that one signal may leave, and the only thing that the OMS takes an order or a replace for. What
 * is in it (pass_inside.h) only risk.c writes and oms.c reads, so nobody else can make one; it holds for the signal
 * that was judged, not for another, and once.
 */
#ifndef WT_PASS_H
#define WT_PASS_H

struct wt_pass;

#endif
