# chess_by - leak by half-move, and by number of legal moves: median (thick) and 99 % quantile (thin).
set terminal svg size 1200,460 dynamic font "sans-serif,14" background "white"
set multiplot layout 1,2 title "Leak of softmax(x * mask): median (thick) and 99 % quantile (thin)"
set ylabel "leak [%]"
set logscale y
set format y "%g"
set yrange [0.01:100]
set grid lc rgb "#dddddd"
set key top right
array colour[3] = ["#0072B2", "#009E73", "#CC79A7"]
set xlabel "half-moves played"
plot for [i=0:2] data index i using 1:2 with lines lw 3 lc rgb colour[i+1] title columnheader(1), \
     for [i=0:2] data index i using 1:4 with lines lw 1.2 lc rgb colour[i+1] notitle
set xlabel "legal moves"
set logscale x
plot for [i=3:5] data index i using 1:2 with lines lw 3 lc rgb colour[i-2] title columnheader(1), \
     for [i=3:5] data index i using 1:4 with lines lw 1.2 lc rgb colour[i-2] notitle
unset multiplot
