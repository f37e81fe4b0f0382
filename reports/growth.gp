# growth - the error of whole rows beside the bound of Blanchard, Higham and Higham: see normwise.h.
load palette
set title "Error of whole rows and its bound, f32: by the number of valid entries" noenhanced
set xlabel "valid entries in the row" noenhanced
set ylabel "max |error| / max p  [u = 2^{-24}]"
set logscale xy
set format xy "10^{%T}"
set xrange [0.8:2e6]
set yrange [5e-4:*]
set key outside bottom center horizontal samplen 1.5 noenhanced width -4
plot data index 5 using 1:2 with points pt 2 ps 0.5 lc rgb grey title "bound of each row", \
     data index 0 using 1:2 with points pt 1 ps 0.4 lc rgb "#56B4E9" title "other right ones", \
     for [i=1:4] data index i using 1:2 with points pt hollow[i] ps 0.6 lc rgb colour[i] title columnheader(1)
