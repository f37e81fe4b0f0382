# chess_scale - mean leak by logit scale, for four sizes of the head.
set terminal svg size 960,460 dynamic font "sans-serif,14" background "white"
set title "Mean leak of the logits of Maia-1 1500 (4,000 positions), scaled, in heads of other sizes"
set xlabel "logits times (1 / temperature, where it is applied before the mask)"
set ylabel "mean leak [%]"
set logscale y
set format y "%g"
set grid lc rgb "#dddddd"
set key bottom left
array colour[4] = ["#0072B2", "#009E73", "#CC79A7", "#D55E00"]
plot for [i=0:3] data index i using 1:2 with lines lw 2 lc rgb colour[i+1] title columnheader(1)
